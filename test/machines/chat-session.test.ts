/**
 * Chat session machine. Goal: whatever events arrive in whatever order, each command gets one reply, the session's
 * own events are in order (I7), and its turns start one at a time, in order (docs/protocol.md B6). Method: planned
 * events through the pure `transition()`; turns are not started, their ends are among the planned events.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { QueueEntry, SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import { startsTurn } from '../../schema/chat-message.ts';
import type { CommandReply } from '../../schema/commands.ts';
import { emittedSchema } from '../../schema/event-catalogue.ts';
import type { TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { isoTimestamp, millisecondsOf } from '../../schema/timestamp.ts';
import { noon } from '../arbitraries/instants.ts';
import { type CommandPlan, sessionCommand, theSession } from '../arbitraries/session-commands.ts';
import {
  type SessionPlan,
  sessionEvents,
  sessionInput,
  sessionPlans,
} from '../arbitraries/session-events.ts';
import {
  type Effect,
  effectsOf,
  emissionsOf,
  everyStateOf,
  sendsOf,
  VisitedStates,
} from '../machine-steps.ts';
import { StoredTree } from './stored-tree.ts';

type Snapshot = SnapshotFrom<typeof chatSessionMachine>;
type Step = {
  readonly event: SessionEvent;
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly effects: readonly Effect[];
};

function run(input: SessionInput, plans: readonly SessionPlan[], visited?: VisitedStates) {
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
  return { initial, first, steps, effects, emissions: emissionsOf(effects), last };
}

/** What the session's turn said that brought about this event. */
function hearTurn(tree: StoredTree, event: SessionEvent): void {
  if (event.type === 'message.added') {
    const { answerId: id, promptId, at } = event;
    if (tree.message(id) !== undefined) return;
    const about = { sessionId: theSession, role: 'assistant' as const, content: 'An answer' };
    const createdAt = isoTimestamp(at);
    const data = { ...about, id, createdAt, parentId: promptId, promptId, status: 'streaming' as const };
    tree.hear({ type: 'message.created', sessionId: theSession, at, data });
  }
  if ('output' in event) {
    const { turnId, at } = event.output;
    const about = { turnId, sessionId: theSession, timestamp: isoTimestamp(at) };
    tree.hear({ type: 'turn.ended', sessionId: theSession, at, data: { ...about, outcome: 'completed' } });
  }
}

function isReply(event: Emission): event is CommandReply {
  return event.type === 'command.accepted' || event.type === 'command.refused';
}

const newSession: SessionInput = {
  sessionId: theSession,
  agentId: 'x',
  stored: null,
  at: noon,
  parked: false,
};

/** A new session after these events, 10 ms apart; the n-th command of the run has the id number n. */
const usual = {
  title: 'A title',
  description: undefined,
  role: 'user',
  content: 'Hello',
  prompt: null,
  patch: {},
  named: false,
  which: 0,
  continues: false,
};

function told(...commands: (Partial<CommandPlan> & Pick<CommandPlan, 'type'>)[]) {
  const plans = commands.map((command, index): SessionPlan => {
    const planned = { ...usual, at: noon + index * 10, ...command } as CommandPlan;
    return { kind: 'command', times: 1, command: planned };
  });
  return run(newSession, plans);
}

function turnsIn(queue: readonly QueueEntry[]): readonly TurnId[] {
  return queue.flatMap(({ turn }) => (turn === null ? [] : [turn.turnId]));
}

/** Commands that let a turn go before others that came earlier. */
function changesOrder({ type }: SessionEvent): boolean {
  return ['message.regenerate', 'message.edit', 'message.send-now', 'message.steer'].includes(type);
}

describe('a session, whatever happens to it', () => {
  it('[SES1] never fails as a machine, and says only what the catalogue allows', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { last, emissions } = run(input, plans);
        expect(last.status).not.toBe('error');
        for (const event of emissions) {
          expect(event).toMatchObject({ sessionId: theSession });
          if ('data' in event) expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[SES1] says session.created first, once, unless it was stored, and nothing but a reply after session.deleted', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { last, emissions } = run(input, plans);
        const events = emissions.filter((event) => !isReply(event) && event.type !== 'command.completed');
        const created = events.flatMap(({ type }, index) => (type === 'session.created' ? [index] : []));
        expect(created).toEqual(input.stored === null && events.length > 0 ? [0] : []);
        const deleted = events.findIndex(({ type }) => type === 'session.deleted');
        if (deleted !== -1) {
          expect(deleted).toBe(events.length - 1);
          expect(events[deleted - 1]?.type).toBe('session.updated');
        }
        expect(deleted !== -1).toBe(last.status === 'done');
      }),
      { numRuns: 150 },
    );
  });

  it('[SES2] answers every command exactly once, right behind what it caused', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { steps, emissions, last } = run(input, plans);
        const commands = steps.flatMap(({ event }) => ('commandId' in event ? [event.commandId] : []));
        const deletion = last.matches('deleting') ? [last.context.deletion?.commandId] : [];
        const open = [...deletion, ...last.context.pruning.map(({ commandId }) => commandId)];
        const replies = emissions.filter(isReply).map(({ commandId }) => commandId);
        expect([...replies, ...open].sort()).toEqual(commands.sort());
        for (const { event, after, effects } of steps) {
          if (!('commandId' in event) || after.matches('deleting')) continue;
          // What the running turn says must be deleted, too, so it ends first.
          const isPending = after.context.pruning.some(({ commandId }) => commandId === event.commandId);
          expect(emissionsOf(effects).filter(isReply)).toEqual(
            isPending ? [] : [expect.objectContaining({ commandId: event.commandId })],
          );
        }
        const answered = new Set<string>();
        for (const event of emissions) {
          if (isReply(event)) answered.add(event.commandId);
          else if ('commandId' in event) expect(answered).not.toContain(event.commandId);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[SES2] leaves no trace of a command that it refused', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after, effects } of run(input, plans).steps) {
          const refused = emissionsOf(effects).some(({ type }) => type === 'command.refused');
          if (!refused) continue;
          expect(effects).toHaveLength(1);
          expect(after.context).toEqual(before.context);
          expect(after.value).toEqual(before.value);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[SES3] moves updatedAt by at least 1 ms with every change, whatever the clock does', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { emissions } = run(input, plans);
        let updatedAt = input.stored === null ? Number.NEGATIVE_INFINITY : noon;
        for (const event of emissions) {
          if (event.type !== 'session.created' && event.type !== 'session.updated') continue;
          expect(millisecondsOf(event.data.updatedAt)).toBeGreaterThan(updatedAt);
          updatedAt = millisecondsOf(event.data.updatedAt);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[SES3] never lets its own time step back', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after } of run(input, plans).steps)
          expect(after.context.now).toBeGreaterThanOrEqual(before.context.now);
      }),
      { numRuns: 150 },
    );
  });

  it('[MSG2] starts its turns one at a time, in the order of their messages, and accounts for each', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { initial, effects, emissions, steps, last } = run(input, plans);
        const stored = turnsIn(input.stored?.queue ?? []);
        // A turn that changes its place is queued once more.
        const queued = new Set(
          emissions.flatMap((event) => (event.type === 'turn.queued' ? [event.data.turnId] : [])),
        );
        const dropped = emissions.flatMap((event) =>
          event.type === 'turn.ended' ? [event.data.turnId] : [],
        );
        const started = effects.flatMap((effect) =>
          effect.kind === 'spawn' ? [effect.id.replace('turn.', '')] : [],
        );
        const waiting = turnsIn(last.context.queue);
        const all: string[] = [...stored, ...queued];
        expect([...started, ...dropped, ...waiting].sort()).toEqual(all.toSorted());
        if (!steps.some(({ event }) => changesOrder(event))) {
          expect(started).toEqual(all.filter((turnId) => started.includes(turnId)));
          expect(waiting).toEqual(all.filter((turnId) => waiting.some((other) => other === turnId)));
        }
        for (const { before, effects: caused, event } of steps) {
          const starts = caused.filter(({ kind }) => kind === 'spawn').length;
          expect(starts).toBeLessThanOrEqual(1);
          if (starts === 1)
            expect(before.context.running === null || event.type.startsWith('xstate.done')).toBe(true);
        }
        // A parked session that was deleted dropped its queued turns without an end.
        if (last.status === 'done') expect(waiting).toEqual([]);
        const mayRun = last.matches({ open: { activity: 'idle' } }) && !last.context.parked;
        if (mayRun) expect(waiting).toEqual([]);
        expect(initial.context.running === null).toBe(stored.length === 0 || input.parked);
      }),
      { numRuns: 150 },
    );
  });

  it('[LIM10] lets no more turns wait than allowed', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after, event, effects } of run(input, plans).steps) {
          expect(turnsIn(after.context.queue).length).toBeLessThanOrEqual(limits.turnsWaitingMax);
          expect(after.context.queue.length).toBeLessThanOrEqual(2 * limits.turnsWaitingMax);
          if (event.type !== 'message.add' || !before.matches('open') || event.queue !== 'queue') continue;
          const { queue } = before.context;
          const full =
            (event.turn !== undefined && turnsIn(queue).length === limits.turnsWaitingMax) ||
            queue.length === 2 * limits.turnsWaitingMax;
          const [reply] = emissionsOf(effects).filter(isReply);
          if (full) expect(reply).toMatchObject({ refusal: { code: 'queue_full', retryable: true } });
          else expect(reply?.type).toBe('command.accepted');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[MSG7] follows each message with session.updated, its own at once', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, event, effects } of run(input, plans).steps) {
          const types = emissionsOf(effects).map(({ type }) => type);
          const created = types.indexOf('message.created');
          if (created !== -1) expect(types[created + 1]).toBe('session.updated');
          if (event.type === 'message.added' && before.matches('open'))
            expect(types).toEqual(['session.updated']);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('[SES7] tells a running turn of its cancellation exactly when somebody cancels or deletes', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, event, effects } of run(input, plans).steps) {
          const { running } = before.context;
          const sent = sendsOf(effects).map(({ to, event: { type } }) => [to, type]);
          const concerns =
            event.type === 'session.delete' ||
            (event.type === 'turn.cancel' && (event.promptId ?? running?.promptId) === running?.promptId);
          if (running !== null && concerns && before.matches('open'))
            expect(sent).toEqual([[`turn.${running.turnId}`, 'turn.cancel']]);
          else if (running !== null && event.type === 'session.interrupt')
            expect(sent).toEqual([[`turn.${running.turnId}`, 'turn.interrupt']]);
          else if (event.type.startsWith('message.') && sent.length > 0) {
            // It replaces, overtakes or deletes what runs.
            const order = event.type === 'message.steer' ? 'turn.yield' : 'turn.cancel';
            expect(sent).toEqual([[`turn.${running?.turnId}`, order]]);
            expect(emissionsOf(effects).map(({ type }) => type)).not.toContain('command.refused');
          } else expect(sent).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('reaches every state in the generated runs', () => {
    const visited = new VisitedStates();
    for (const [input, plans] of fc.sample(fc.tuple(sessionInput, sessionPlans), { numRuns: 200, seed: 7 }))
      run(input, plans, visited);
    expect(visited.paths).toEqual(everyStateOf(chatSessionMachine));
  });
});

describe('what a session does', () => {
  const result = (run: ReturnType<typeof told>, count: number): unknown => {
    const commandId = sessionCommand({ type: 'session.archive', at: 0, named: false }, count).commandId;
    const reply = run.emissions.filter(isReply).find((event) => event.commandId === commandId);
    return reply?.type === 'command.accepted' ? reply.result : reply?.refusal.code;
  };

  it('[SES4] keeps the description when only the title comes, clears it for null, and is touched by {}', () => {
    const changes = told(
      { type: 'session.create', description: 'About it' },
      { type: 'session.update', patch: { title: 'Another' } },
      { type: 'session.update', patch: { description: null } },
      { type: 'session.update', patch: {} },
    );
    expect(result(changes, 1)).toMatchObject({ title: 'Another', description: 'About it' });
    expect(result(changes, 2)).toMatchObject({ title: 'Another' });
    expect(result(changes, 2)).not.toHaveProperty('description');
    expect(result(changes, 3)).toMatchObject({
      title: 'Another',
      updatedAt: new Date(noon + 30).toISOString(),
    });
    expect(Object.keys(result(changes, 1) as object)).toEqual([
      'id',
      'title',
      'description',
      'status',
      'createdAt',
      'updatedAt',
    ]);
  });

  it('[SES5] is archived again without harm, is touched by it, and still takes messages', () => {
    const archived = told(
      { type: 'session.create' },
      { type: 'session.archive' },
      { type: 'session.archive' },
      { type: 'message.add' },
    );
    expect(result(archived, 2)).toMatchObject({
      status: 'archived',
      updatedAt: new Date(noon + 20).toISOString(),
    });
    expect(result(archived, 3)).toMatchObject({ role: 'user', content: 'Hello' });
    expect(archived.last.value).toEqual({ open: { status: 'archived', activity: 'responding' } });
  });

  it('[SES6] knows nothing before it is created, once it is being deleted, and is created once', () => {
    const unborn = told(
      { type: 'session.update' },
      { type: 'session.archive' },
      { type: 'message.add' },
      { type: 'turn.cancel' },
      { type: 'session.delete' },
      { type: 'session.create' },
      { type: 'session.create' },
      { type: 'message.add' },
      { type: 'session.delete' },
      { type: 'session.update' },
      { type: 'message.add' },
      { type: 'session.delete' },
      { type: 'session.create' },
    );
    for (const count of [0, 1, 2, 3, 4, 9, 10, 11]) expect(result(unborn, count)).toBe('not_found');
    for (const count of [6, 12]) expect(result(unborn, count)).toBe('conflict');
    expect(unborn.last.value).toBe('deleting');
  });

  it('[MSG3] answers messages of users, systems and developers, and only stores those of assistants and tools', () => {
    for (const role of ['user', 'system', 'developer', 'assistant', 'tool'] as const) {
      const { last, effects } = told({ type: 'session.create' }, { type: 'message.add', role });
      expect(effects.some(({ kind }) => kind === 'spawn')).toBe(startsTurn(role));
      expect(last.matches({ open: { activity: 'responding' } })).toBe(
        role !== 'assistant' && role !== 'tool',
      );
    }
  });

  it('[SES8] wakes from its row without a word and runs what waits, unless the process is stopping', () => {
    fc.assert(
      fc.property(sessionInput, (input) => {
        const { initial, first, emissions } = run(input, []);
        expect(emissions).toEqual([]);
        const waiting = turnsIn(input.stored?.queue ?? []);
        const [next] = input.parked ? [] : waiting;
        expect(first).toEqual(next === undefined ? [] : [{ kind: 'spawn', id: `turn.${next}` }]);
        expect(initial.matches('unborn')).toBe(input.stored === null);
      }),
      { numRuns: 100 },
    );
  });
});
