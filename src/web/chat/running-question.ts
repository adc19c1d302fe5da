/** Which message is being answered, so that *Stop* can name it. */
import type { SessionSnapshot } from '../../client/client.ts';
import type { SessionRun } from '../../client/followed.ts';

/** `undefined`: the page does not know. */
export function runningQuestion(
  { messages }: SessionSnapshot,
  runs: readonly SessionRun[],
): string | undefined {
  const answer = messages.findLast(({ streaming }) => streaming);
  if (answer?.promptId !== undefined) return answer.promptId;
  const run = runs.findLast(({ trace }) => trace.status === 'running' || trace.status === 'pending');
  if (run !== undefined) return run.messageId;
  // Its run has not begun, or is not known yet.
  const last = messages.findLast(({ queueRank }) => queueRank === undefined);
  return last?.promptId ?? last?.id;
}
