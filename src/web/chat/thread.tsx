/** The messages of a session's current branch, each followed by the work done for it, then those that wait. */
import type { ComponentChildren } from 'preact';
import type { SessionMessage, SessionSnapshot } from '../../client/client.ts';
import type { SessionRun } from '../../client/followed.ts';
import { AnswerEnding } from './answer-ending.tsx';
import type { MessageActions } from './message-actions.ts';
import { MessageView } from './message-view.tsx';
import { ReasoningView } from './reasoning-view.tsx';
import { RunView } from './run-view.tsx';
import type { CallActions } from './tool-call-view.tsx';
import { WaitingView } from './waiting-view.tsx';

export type ThreadProps = {
  readonly snapshot: SessionSnapshot;
  readonly runs: readonly SessionRun[];
  readonly messageActions: MessageActions;
  readonly actions: CallActions;
};

export function Thread({ snapshot, runs, messageActions, actions }: ThreadProps) {
  const { messages, reasoning, activity, info } = snapshot;
  const canAsk = activity === 'idle' && info?.closedAt === undefined;
  const said = messages.filter(({ queueRank }) => queueRank === undefined);
  const waiting = messages.filter(({ queueRank }) => queueRank !== undefined);
  const runsOf = Map.groupBy(runs, ({ messageId }) => messageId);
  const isWaiting = runs.at(-1)?.toolCalls.some(({ status }) => status === 'awaitingApproval') === true;
  const isWriting = said.at(-1)?.streaming === true && said.at(-1)?.content !== '' && !isWaiting;
  const parts: ComponentChildren[] = [];
  let asked: SessionMessage | undefined;
  let answer: SessionMessage | undefined;
  /** Says below a question and its answer how that ended: before the next question, or at the end. */
  const endRun = (isLast: boolean) => {
    if (asked === undefined) return;
    parts.push(
      <AnswerEnding
        key={`end ${asked.id}`}
        question={asked}
        answer={answer}
        run={runsOf.get(asked.id)?.at(-1)}
        actions={isLast && canAsk ? messageActions : undefined}
      />,
    );
    answer = undefined;
  };
  for (const message of said) {
    const ofMessage = runsOf.get(message.id);
    if (message.promptId !== undefined) answer = message;
    else if (ofMessage !== undefined || message.role === 'user') {
      endRun(false);
      asked = message;
    }
    parts.push(
      <article key={message.id} class={`turn ${message.role}`} data-message={message.id}>
        <ReasoningView message={message} live={reasoning.get(message.id)} />
        <MessageView message={message} />
        {ofMessage?.map((run) => (
          <RunView key={run.trace.id} run={run} actions={actions} />
        ))}
      </article>,
    );
  }
  endRun(true);
  return (
    <>
      {parts}
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
      {waiting.map((message) => (
        <WaitingView key={message.id} message={message} onRemove={() => messageActions.remove(message.id)} />
      ))}
    </>
  );
}

const activityWords: Readonly<Record<Exclude<SessionSnapshot['activity'], 'idle'>, string>> = {
  thinking: 'Thinking…',
  tool: 'Using a tool…',
  'tool-error': 'A tool failed; going on…',
  error: 'Something went wrong…',
};
