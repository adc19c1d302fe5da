/** The messages of a session, and under each what was done for it. */
import type { SessionRun, SessionSnapshot } from '../../client/client.ts';
import { MessageView } from './message-view.tsx';
import { ReasoningView } from './reasoning-view.tsx';
import { RunFailure, RunView } from './run-view.tsx';

export type ThreadProps = {
  readonly snapshot: SessionSnapshot;
  readonly runs: readonly SessionRun[];
  /** Asks once more. */
  readonly onAgain: (content: string) => void;
};

export function Thread({ snapshot, runs, onAgain }: ThreadProps) {
  const { messages, reasoning, activity } = snapshot;
  const runOf = new Map(runs.map((run) => [run.messageId, run]));
  const shown = new Set(messages.map(({ id }) => id));
  const last = messages.at(-1);
  /** It is below its answer: what came of it is kept. */
  const failed = runs.at(-1)?.trace.status === 'failed' ? runs.at(-1) : undefined;
  const asked = messages.find(({ id }) => id === failed?.messageId)?.content;
  const isWriting = last?.streaming === true;
  /** Of an answer that has no text yet. */
  const early = [...reasoning].filter(([id, { ended }]) => !shown.has(id) && !ended);
  return (
    <>
      {messages.map((message) => {
        const run = runOf.get(message.id);
        const thought = reasoning.get(message.id);
        return (
          <article key={message.id} class={`turn ${message.role}`} data-message={message.id}>
            {thought === undefined ? null : <ReasoningView text={thought.text} isGrowing={!thought.ended} />}
            <MessageView message={message} />
            {run === undefined ? null : <RunView run={run} />}
          </article>
        );
      })}
      {early.map(([id, { text }]) => (
        <ReasoningView key={id} text={text} isGrowing />
      ))}
      {failed === undefined ? null : (
        <RunFailure
          run={failed}
          onAgain={activity === 'idle' && asked !== undefined ? () => onAgain(asked) : undefined}
        />
      )}
      {activity !== 'idle' && !isWriting ? (
        <p class="activity">
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {activityWords[activity]}
        </p>
      ) : null}
    </>
  );
}

const activityWords: Readonly<Record<Exclude<SessionSnapshot['activity'], 'idle'>, string>> = {
  thinking: 'Thinking…',
  tool: 'Using a tool…',
  'tool-error': 'A tool failed; going on…',
  error: 'Something went wrong…',
};
