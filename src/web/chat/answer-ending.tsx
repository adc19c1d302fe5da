/** How an answer ended, if it is not whole: a neutral mark, or a failure, and what can be done about it. */
import { Button } from '../design/button.tsx';
import { endingOf } from './ending.ts';
import type { MessageActions } from './message-actions.ts';
import type { ShownExchange } from './shown-exchanges.ts';

export type AnswerEndingProps = {
  readonly exchange: ShownExchange;
  /** `undefined`: nothing can be done about it now. */
  readonly actions: MessageActions | undefined;
};

export function AnswerEnding({ exchange, actions }: AnswerEndingProps) {
  const ending = endingOf(exchange);
  if (ending === undefined) return null;
  const { question, answer } = exchange;
  const canGoOn = answer !== undefined && answer.content !== '' && answer.status === 'cut-off';
  return (
    <div class={ending.look === 'failure' ? 'run-failure' : 'run-mark'}>
      <span>{ending.words}</span>
      {/* The server gives no answer again, and goes on with none, that answers no question. */}
      {actions === undefined || question === undefined ? null : (
        <>
          {canGoOn ? <Button onClick={() => actions.goOn(answer.id)}>Continue</Button> : null}
          <Button onClick={() => actions.askAgain(question.id)}>Ask again</Button>
        </>
      )}
    </div>
  );
}
