/** The model's reasoning before an answer: as it comes, afterwards as it is stored. */
import type { SessionMessage, SessionSnapshot } from '../../client/client.ts';
import { PlainText } from '../design/plain-text.tsx';

type LiveReasoning = ReturnType<SessionSnapshot['reasoning']['get']>;

export function ReasoningView(props: { readonly message: SessionMessage; readonly live: LiveReasoning }) {
  const { message, live } = props;
  const stored = message.parts.flatMap((part) => (part.type === 'reasoning' ? part.text : []));
  const isGrowing = message.streaming && live?.ended === false;
  // While it streams, the stored parts are those of its beginning.
  const text =
    message.streaming && live !== undefined ? live.text : stored.join('\n\n') || (live?.text ?? '');
  if (text === '') return null;
  return (
    <details class="reasoning" open={isGrowing}>
      <summary>{isGrowing ? 'Reasoning…' : 'Reasoning'}</summary>
      <div class="plain">
        <PlainText text={text} />
      </div>
    </details>
  );
}
