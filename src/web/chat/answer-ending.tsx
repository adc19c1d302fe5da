/** How an answer ended, if it is not whole: a neutral mark, or a failure, and what can be done about it. */
import type { SessionMessage } from '../../client/client.ts';
import type { SessionRun } from '../../client/followed.ts';
import { Button } from '../design/button.tsx';
import type { MessageActions } from './message-actions.ts';

export type AnswerEndingProps = {
  readonly question: SessionMessage;
  /** `undefined`: nothing was said. */
  readonly answer: SessionMessage | undefined;
  /** The last run for the question, if it is known. */
  readonly run: SessionRun | undefined;
  /** `undefined`: nothing can be done about it now. */
  readonly actions: MessageActions | undefined;
};

type Ending = { readonly look: 'failure' | 'mark'; readonly words: string };

export function AnswerEnding({ question, answer, run, actions }: AnswerEndingProps) {
  const ending = endingOf(answer, run);
  if (ending === undefined) return null;
  const canGoOn = answer !== undefined && answer.content !== '' && answer.status === 'cut-off';
  return (
    <div class={ending.look === 'failure' ? 'run-failure' : 'run-mark'}>
      <span>{ending.words}</span>
      {actions === undefined ? null : (
        <>
          {canGoOn ? <Button onClick={() => actions.goOn(answer.id)}>Continue</Button> : null}
          <Button onClick={() => actions.askAgain(question.id)}>Ask again</Button>
        </>
      )}
    </div>
  );
}

function endingOf(answer: SessionMessage | undefined, run: SessionRun | undefined): Ending | undefined {
  const error = run?.trace.status === 'failed' ? run.trace.metadata?.['error'] : undefined;
  const reason = typeof error === 'string' ? error : undefined;
  if (answer === undefined) {
    if (reason === undefined) return undefined;
    return reason === cancelled ? { look: 'mark', words: cancelled } : { look: 'failure', words: reason };
  }
  switch (answer.status) {
    case 'streaming':
    case 'complete':
      return undefined;
    case 'cancelled':
      return { look: 'mark', words: cancelled };
    case 'cut-off':
      return { look: 'mark', words: cutOffWords(answer.finishReason) };
    case 'interrupted':
      return { look: 'failure', words: reason ?? 'The server stopped before the answer was complete.' };
    case 'failed':
      return { look: 'failure', words: reason ?? 'The answer failed.' };
  }
}

/** The reason of a run that was cancelled; it is no error. */
const cancelled = 'Cancelled';

function cutOffWords(reason: SessionMessage['finishReason']): string {
  return reason === 'content-filter'
    ? 'The answer was cut off: the provider filtered it.'
    : 'The answer was cut off: the model reached the limit of its output.';
}
