/** Planned events through the pure `transition()` of a session's machine, with the rows that they leave behind. */
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { QueueEntry, SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import type { CommandReply } from '../../schema/commands.ts';
import type { TurnId } from '../../schema/ids.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { theSession } from '../arbitraries/session-commands.ts';
import { type SessionPlan, sessionEvents } from '../arbitraries/session-events.ts';
import { type Effect, effectsOf, emissionsOf, sendsOf, type VisitedStates } from '../machine-steps.ts';
import { StoredTree } from './stored-tree.ts';

type Snapshot = SnapshotFrom<typeof chatSessionMachine>;
type Step = {
  readonly event: SessionEvent;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly effects: readonly Effect[];
};

export function runSession(input: SessionInput, plans: readonly SessionPlan[], visited?: VisitedStates) {
  visited?.start(chatSessionMachine, input);
  const [beginning, said] = initialTransition(chatSessionMachine, input);
  // A session that wakes with a queue tells itself so.
  const wakes = sendsOf(effectsOf(said)).some(({ event }) => event.type === 'session.woke');
  if (wakes) visited?.step(chatSessionMachine, beginning, { type: 'session.woke' });
  const [initial, actions] = wakes
    ? transition(chatSessionMachine, beginning, { type: 'session.woke' })
    : [beginning, said];
  const first = effectsOf(actions);
  const tree = new StoredTree();
  tree.session = input.stored?.session ?? null;
  for (const event of emissionsOf(first)) tree.hear(event);
  const steps: Step[] = [];
  let last = initial;
  let count = 0;
  for (const planned of plans) {
    for (const event of sessionEvents(planned, count, last, tree)) {
      // A finished actor receives nothing more; the registry refuses in its place.
      if (last.status !== 'active') break;
      if ('commandId' in event) count++;
      visited?.step(chatSessionMachine, last, event);
      const [after, caused] = transition(chatSessionMachine, last, event);
      const effects = effectsOf(caused);
      hearTurn(tree, event);
      for (const emission of emissionsOf(effects)) tree.hear(emission);
      steps.push({ event, before: last, after, effects });
      last = after;
    }
  }
  const effects = [...first, ...steps.flatMap((step) => step.effects)];
  return { initial, first, steps, effects, emissions: emissionsOf(effects), last, tree };
}

/** What the session's turn said that brought about this event. */
function hearTurn(tree: StoredTree, event: SessionEvent): void {
  if (event.type === 'message.added') {
    const { answerId: id, parentId, at } = event;
    if (tree.message(id) !== undefined) return;
    const about = { sessionId: theSession, role: 'assistant' as const, content: 'An answer' };
    const createdAt = isoTimestamp(at);
    const data = {
      ...about,
      id,
      createdAt,
      parentId,
      promptId: parentId ?? id,
      status: 'streaming' as const,
    };
    tree.hear({ type: 'message.created', sessionId: theSession, at, data });
  }
  if ('output' in event) {
    const { turnId, at } = event.output;
    const about = { turnId, sessionId: theSession, timestamp: isoTimestamp(at) };
    tree.hear({ type: 'turn.ended', sessionId: theSession, at, data: { ...about, outcome: 'completed' } });
  }
}

export function isReply(event: Emission): event is CommandReply {
  return event.type === 'command.accepted' || event.type === 'command.refused';
}

export function turnsIn(queue: readonly QueueEntry[]): readonly TurnId[] {
  return queue.flatMap(({ turn }) => (turn === null ? [] : [turn.turnId]));
}
