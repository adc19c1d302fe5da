/** How an exchange ended, if its answer is not whole, in words for people. */
import { runEndReasons } from '../../../schema/run-end-reasons.ts';
import type { SessionMessage } from '../../client/client.ts';
import { failureAdvice } from './failure-advice.ts';
import { isUnasked, type ShownExchange } from './shown-exchanges.ts';

/** A mark is neutral. */
export type Ending = { readonly look: 'failure' | 'mark'; readonly words: string };

/** `undefined`: nothing need be said. */
export function endingOf({ answer, run }: Pick<ShownExchange, 'answer' | 'run'>): Ending | undefined {
  const error = run?.trace.status === 'failed' ? run.trace.metadata?.['error'] : undefined;
  const reason = typeof error === 'string' ? error : undefined;
  const advice = failureAdvice(run?.trace.metadata?.['errorCode']);
  const isOfAgent =
    (answer !== undefined && isUnasked(answer)) || typeof run?.trace.metadata?.['agent'] === 'string';
  if (answer === undefined) {
    if (reason === undefined) return undefined;
    return reason === runEndReasons.cancelled
      ? cancelled
      : { look: 'failure', words: isOfAgent ? agentWords(reason) : failureWords(reason, advice) };
  }
  switch (answer.status) {
    case 'streaming':
    case 'complete':
      return undefined;
    case 'cancelled':
      return cancelled;
    case 'cut-off':
      return { look: 'mark', words: cutOffWords(answer.finishReason) };
    case 'interrupted':
      return { look: 'failure', words: reason === undefined ? lostWords(isOfAgent) : reasonWords(reason) };
    case 'failed':
      return {
        look: 'failure',
        words: isOfAgent ? agentWords(reason) : failureWords(reason, advice),
      };
  }
}

const cancelled: Ending = { look: 'mark', words: 'Cancelled' };

const agentLost = 'The agent stopped responding before the answer was complete.';
const serverLost = 'The server stopped before the answer was complete.';

/** For an answer whose run is not known. A stop of the server does not end what an agent outside says. */
function lostWords(isOfAgent: boolean): string {
  return isOfAgent ? agentLost : serverLost;
}

function reasonWords(reason: string): string {
  switch (reason) {
    case runEndReasons.agentSilent:
      return agentLost;
    case runEndReasons.serverStopped:
    case runEndReasons.serverStopping:
      return serverLost;
    case runEndReasons.madeRoom:
      return 'The server needed the room for somebody else. Ask again.';
    default:
      return reason;
  }
}

/** Any other reason is for developers: it stands in the details. */
function failureWords(reason: string | undefined, advice: string | undefined): string {
  if (reason === undefined) return 'The answer failed. Ask again.';
  const isOurs = Object.values<string>(runEndReasons).includes(reason);
  return advice ?? (isOurs ? reasonWords(reason) : 'The answer failed. Ask again; the details say more.');
}

function agentWords(reason: string | undefined): string {
  if (reason === undefined) return 'The agent failed.';
  return reason === runEndReasons.agentEmpty ? reason : `The agent failed: ${reason}`;
}

function cutOffWords(reason: SessionMessage['finishReason']): string {
  return reason === 'content-filter'
    ? 'The answer was cut off: the provider filtered it.'
    : 'The answer was cut off: the model reached the limit of its output.';
}
