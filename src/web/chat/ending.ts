/** How an exchange ended, if its answer is not whole, in words for people. */
import { runEndReasons } from '../../../schema/run-end-reasons.ts';
import type { SessionMessage } from '../../client/client.ts';
import { isUnasked, type ShownExchange } from './shown-exchanges.ts';

/** A mark is neutral. */
export type Ending = { readonly look: 'failure' | 'mark'; readonly words: string };

/** `undefined`: nothing need be said. */
export function endingOf({ answer, run }: Pick<ShownExchange, 'answer' | 'run'>): Ending | undefined {
  const error = run?.trace.status === 'failed' ? run.trace.metadata?.['error'] : undefined;
  const reason = typeof error === 'string' ? error : undefined;
  const isOfAgent =
    (answer !== undefined && isUnasked(answer)) || typeof run?.trace.metadata?.['agent'] === 'string';
  if (answer === undefined) {
    if (reason === undefined) return undefined;
    return reason === runEndReasons.cancelled ? cancelled : { look: 'failure', words: reasonWords(reason) };
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
      return { look: 'failure', words: failureWords(reason, isOfAgent) };
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
    default:
      return reason;
  }
}

function failureWords(reason: string | undefined, isOfAgent: boolean): string {
  if (!isOfAgent) return reason ?? 'The answer failed.';
  if (reason === undefined) return 'The agent failed.';
  return reason === runEndReasons.agentEmpty ? reason : `The agent failed: ${reason}`;
}

function cutOffWords(reason: SessionMessage['finishReason']): string {
  return reason === 'content-filter'
    ? 'The answer was cut off: the provider filtered it.'
    : 'The answer was cut off: the model reached the limit of its output.';
}
