/** One message. It is drawn again only when it changed: unchanged messages are the same objects as before. */
import { useMemo } from 'preact/hooks';
import type { SessionMessage } from '../../client/client.ts';
import { PlainText } from '../design/plain-text.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { SpeakerName } from './speaker-name.tsx';
import type { SpeakerOf } from './speakers.ts';

const speakers: Readonly<Record<SessionMessage['role'], string>> = {
  user: 'You',
  assistant: 'Assistant',
  system: 'System',
  developer: 'Developer',
  tool: 'Tool',
};

export function MessageView({
  message,
  speakerOf,
}: {
  readonly message: SessionMessage;
  readonly speakerOf: SpeakerOf;
}) {
  return useMemo(() => {
    const { role, content, streaming, name, status, parts } = message;
    // Nothing was said yet, or ever: a failed answer then has fixed words for clients that know no better.
    const isSilent = content === '' || (status === 'failed' && !parts.some(({ type }) => type === 'text'));
    if (isSilent) return null;
    const speaker = role === 'user' || message.author !== undefined ? speakerOf?.(message) : undefined;
    const isUnnamed = speaker === undefined && (role === 'user' || role === 'assistant');
    return (
      <div class={`message ${role} ${streaming ? 'streaming' : ''}`}>
        <h2 class={isUnnamed ? 'unseen' : 'speaker'}>
          {role === 'user' && speaker !== undefined ? null : speakers[role]}
          {role === 'user' || speaker === undefined ? null : ', by '}
          {speaker === undefined ? null : <SpeakerName speaker={speaker} />}
          {name === undefined ? null : ` · ${name}`}
        </h2>
        {role === 'assistant' ? (
          <Markdown text={content} growing={streaming} />
        ) : (
          <div class="plain" dir="auto">
            <PlainText text={content} />
          </div>
        )}
      </div>
    );
  }, [message, speakerOf]);
}
