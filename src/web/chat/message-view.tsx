/** One message. It is drawn again only when it changed: unchanged messages are the same objects as before. */
import { useMemo } from 'preact/hooks';
import type { SessionMessage } from '../../client/client.ts';
import { PlainText } from '../design/plain-text.tsx';
import { Markdown } from '../markdown/markdown.tsx';

const speakers: Readonly<Record<SessionMessage['role'], string>> = {
  user: 'You',
  assistant: 'Assistant',
  system: 'System',
  developer: 'Developer',
  tool: 'Tool',
};

export function MessageView({ message }: { readonly message: SessionMessage }) {
  return useMemo(() => {
    const { role, content, streaming, name, status, parts } = message;
    // Nothing was said yet, or ever: a failed answer then has fixed words for clients that know no better.
    const isSilent = content === '' || (status === 'failed' && !parts.some(({ type }) => type === 'text'));
    if (isSilent) return null;
    return (
      <div class={`message ${role} ${streaming ? 'streaming' : ''}`}>
        <h2 class={role === 'user' || role === 'assistant' ? 'unseen' : 'speaker'}>
          {speakers[role]}
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
  }, [message]);
}
