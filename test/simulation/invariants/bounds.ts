/**
 * I12. After every step: sessions in memory, events that wait for the journal, queued turns, commands without an
 * answer, and unsent bytes of a socket stay within their limits. At rest nothing is left behind.
 */
import { limits } from '../../../schema/limits.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import { isTraceOrder } from '../orders.ts';
import { smallBounds } from '../simulated-process.ts';
import { publishedFramesMax } from '../simulated-socket.ts';
import type { Truth } from '../truth.ts';

const holds: Holds = holdsOf('I12');

/** How many snapshots a connection can get at once: a text, its reasoning and an activity for each live session. */
const snapshotsMax = 6;
/** The two timers that never end: the heartbeat, and the search for idle sessions. */
const timersAtRest = 2;

export const bounds: Invariant = {
  name: 'I12',
  says: 'No queue, buffer, history or connection grows without limit.',
  watch: (_history, truth) => {
    /** Commands without an answer, by session. */
    const unanswered = new Map<string, Set<number>>();
    return {
      hear: (fact) => {
        if (fact.kind === 'died') unanswered.clear();
        if (fact.kind !== 'taken' && fact.kind !== 'answered') return;
        const { session, number, kind } = fact.order;
        // Commands to a trace have a bound of their own.
        if (session === null || isTraceOrder(kind)) return;
        const numbers = unanswered.get(session) ?? new Set();
        unanswered.set(session, numbers);
        if (fact.kind === 'taken') numbers.add(number);
        else numbers.delete(number);
      },
      look: () => {
        for (const [session, { size }] of unanswered) {
          holds(size <= limits.sessionCommandsMax, () => `${size} commands of session ${session} wait`);
        }
        lookAtProcess(truth);
        lookAtSockets(truth);
        lookAtTurns(truth);
      },
      rest: () => {
        const sizes = truth.sizes();
        if (sizes === undefined) return;
        holds(sizes.timers <= timersAtRest, () => `${sizes.timers} timers are left`);
        holds(sizes.connections <= truth.readers.length, () => `${sizes.connections} connections are left`);
        holds(sizes.backlog === 0, () => `${sizes.backlog} events are left`);
      },
    };
  },
};

function lookAtProcess(truth: Truth): void {
  const sizes = truth.sizes();
  if (sizes === undefined) return;
  // Those that leave for another owner's ([LIM25]) are not counted, and are as many at most.
  const max = truth.isGuarded ? 2 * sizes.sessionsLiveMax : sizes.sessionsLiveMax;
  holds(sizes.sessionsLive <= max, () => `${sizes.sessionsLive} sessions are in memory`);
  holds(sizes.backlog <= limits.journalQueueEventsMax, () => `${sizes.backlog} events wait for the journal`);
}

function lookAtSockets(truth: Truth): void {
  const { socketBudgetBytes, topicSlackBytes } = smallBounds;
  for (const { socket, name, topicsMax } of truth.readers) {
    if (socket === undefined) continue;
    const { bytesMax, frameMax } = socket;
    const framesMax = 1 + snapshotsMax + publishedFramesMax;
    const allowed = socketBudgetBytes + (topicsMax + 1) * topicSlackBytes + framesMax * frameMax;
    holds(bytesMax <= allowed, () => `${name} had ${bytesMax} bytes unsent, of ${allowed} at most`);
  }
}

function lookAtTurns(truth: Truth): void {
  for (const session of truth.tables.sessionsWithOpenTurns()) {
    const open = truth.tables.openTurns(session).length;
    holds(open <= limits.turnsWaitingMax + 1, () => `${open} turns of session ${session} are open`);
  }
}
