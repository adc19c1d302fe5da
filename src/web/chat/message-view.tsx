/** One message. It is drawn again only when it changed: unchanged messages are the same objects as before. */
import { useMemo } from 'preact/hooks';
import type { SessionMessage } from '../../client/client.ts';
import { Markdown } from '../markdown/markdown.tsx';

const speakers: Readonly<Record<SessionMessage['role'], string>> = {
  user: 'You',
  assistant: 'Assistant',
  system: 'System',
  developer: 'Developer',
  tool: 'Tool',
};

/** Why an answer is not whole. */
const endings: Readonly<Record<NonNullable<SessionMessage['finishReason']>, string>> = {
  length: 'The answer was cut off: the model reached the limit of its output.',
  'content-filter': 'The answer was cut off: the provider filtered it.',
};

export function MessageView({ message }: { readonly message: SessionMessage }) {
  return useMemo(() => {
    const { role, content, streaming, name, finishReason } = message;
    return (
      <div class={`message ${role} ${streaming ? 'streaming' : ''}`}>
        <h2 class={role === 'user' || role === 'assistant' ? 'unseen' : 'speaker'}>
          {speakers[role]}
          {name === undefined ? null : ` · ${name}`}
        </h2>
        {role === 'assistant' ? (
          <Markdown text={content} growing={streaming} />
        ) : (
          <div class="plain">{content}</div>
        )}
        {finishReason === undefined ? null : <p class="ended-early">{endings[finishReason]}</p>}
      </div>
    );
  }, [message]);
}
