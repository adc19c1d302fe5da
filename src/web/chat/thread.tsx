/** The messages of a session, each followed by the work done for it. */
import type { ComponentChildren } from 'preact';
import type { SessionMessage, SessionRun, SessionSnapshot } from '../../client/client.ts';
import { MessageView } from './message-view.tsx';
import { ReasoningView } from './reasoning-view.tsx';
import { RunFailure, RunView } from './run-view.tsx';
import type { CallActions } from './tool-call-view.tsx';

export type ThreadProps = {
  readonly snapshot: SessionSnapshot;
  readonly runs: readonly SessionRun[];
  /** Sends the same message again. */
  readonly onAgain: (content: string) => void;
  readonly actions: CallActions;
};

export function Thread({ snapshot, runs, onAgain, actions }: ThreadProps) {
  const { messages, reasoning, activity } = snapshot;
  const runOf = new Map(runs.map((run) => [run.messageId, run]));
  const shown = new Set(messages.map(({ id }) => id));
  const isWaiting = runs.at(-1)?.toolCalls.some(({ status }) => status === 'awaitingApproval') === true;
  const isWriting = messages.at(-1)?.streaming === true && !isWaiting;
  /** Reasoning of answers that have no text yet. */
  const early = [...reasoning].filter(([id, { ended }]) => !shown.has(id) && !ended);
  const parts: ComponentChildren[] = [];
  let asked: SessionMessage | undefined;
  /** Shows the error of a failed run below the run's messages: before the next run begins, or at the end. */
  const endRun = (isLast: boolean) => {
    const run = asked === undefined ? undefined : runOf.get(asked.id);
    if (asked === undefined || run?.trace.status !== 'failed') return;
    const { content } = asked;
    const again = isLast && activity === 'idle' ? () => onAgain(content) : undefined;
    parts.push(<RunFailure key={run.trace.id} run={run} onAgain={again} />);
  };
  for (const message of messages) {
    const run = runOf.get(message.id);
    const thought = reasoning.get(message.id);
    if (run !== undefined) {
      endRun(false);
      asked = message;
    }
    parts.push(
      <article key={message.id} class={`turn ${message.role}`} data-message={message.id}>
        {thought === undefined ? null : <ReasoningView text={thought.text} isGrowing={!thought.ended} />}
        <MessageView message={message} />
        {run === undefined ? null : <RunView run={run} actions={actions} />}
      </article>,
    );
  }
  endRun(true);
  return (
    <>
      {parts}
      {early.map(([id, { text }]) => (
        <ReasoningView key={id} text={text} isGrowing />
      ))}
      {activity !== 'idle' && !isWriting ? (
        <p class="activity">
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {isWaiting ? 'Waiting for your approval…' : activityWords[activity]}
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
