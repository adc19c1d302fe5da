/**
 * Chat session machine. Goal: whatever events arrive in whatever order, each command gets one reply, the session's
 * own events are in order (I7), and its turns start one at a time, in order (docs/protocol.md B6). Method: planned
 * events through the pure `transition()`; turns are not started, their ends are among the planned events.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { SessionContext, SessionEvent } from '../../machines/chat-session-context.ts';
import { isSteered } from '../../machines/session-queue.ts';
import { emittedSchema } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { millisecondsOf } from '../../schema/timestamp.ts';
import { noon } from '../arbitraries/instants.ts';
import { theSession } from '../arbitraries/session-commands.ts';
import { sessionInput, sessionPlans } from '../arbitraries/session-events.ts';
import { cases } from '../effort.ts';
import { emissionsOf, everyStateOf, sendsOf, VisitedStates } from '../machine-steps.ts';
import { isReply, runSession, turnsIn } from './session-run.ts';

/** Commands that let a turn go before others that came earlier. */
/** A claim of the running turn, which that turn answers. */
function isPassedOn(event: SessionEvent, { running }: SessionContext): boolean {
  return event.type === 'turn.claim' && running?.turnId === event.turnId;
}

function changesOrder({ type }: SessionEvent): boolean {
  return ['message.regenerate', 'message.edit', 'message.send-now', 'message.steer'].includes(type);
}

/** Each draws whole sessions. */
const numRuns = cases({ quick: 50, full: 150 });

describe('a session, whatever happens to it', () => {
  it('[SES1] never fails as a machine, and says only what the catalogue allows', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { last, emissions } = runSession(input, plans);
        expect(last.status).not.toBe('error');
        for (const event of emissions) {
          expect(event).toMatchObject({ sessionId: theSession });
          if ('data' in event) expect(emittedSchema(event.type).parse(event.data)).toEqual(event.data);
        }
      }),
      { numRuns },
    );
  });

  it('[SES1] says session.created first, once, unless it was stored, and nothing but a reply after session.deleted', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { last, emissions } = runSession(input, plans);
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
      { numRuns },
    );
  });

  it('[SES2] answers every command exactly once, right behind what it caused', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { steps, emissions, last } = runSession(input, plans);
        const commands = steps.flatMap(({ event, before }) =>
          'commandId' in event && !isPassedOn(event, before.context) ? [event.commandId] : [],
        );
        const deletion = last.matches('deleting') ? [last.context.deletion?.commandId] : [];
        const open = [...deletion, ...last.context.pruning.map(({ commandId }) => commandId)];
        const replies = emissions.filter(isReply).map(({ commandId }) => commandId);
        expect([...replies, ...open].sort()).toEqual(commands.sort());
        for (const { event, before, after, effects } of steps) {
          if (!('commandId' in event) || after.matches('deleting') || isPassedOn(event, before.context))
            continue;
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
      { numRuns },
    );
  });

  it('[SES2] leaves no trace of a command that it refused', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after, effects } of runSession(input, plans).steps) {
          const refused = emissionsOf(effects).some(({ type }) => type === 'command.refused');
          if (!refused) continue;
          expect(effects).toHaveLength(1);
          expect(after.context).toEqual(before.context);
          expect(after.value).toEqual(before.value);
        }
      }),
      { numRuns },
    );
  });

  it('[SES3] moves updatedAt by at least 1 ms with every change, whatever the clock does', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { emissions } = runSession(input, plans);
        let updatedAt = input.stored === null ? Number.NEGATIVE_INFINITY : noon;
        for (const event of emissions) {
          if (event.type !== 'session.created' && event.type !== 'session.updated') continue;
          expect(millisecondsOf(event.data.updatedAt)).toBeGreaterThan(updatedAt);
          updatedAt = millisecondsOf(event.data.updatedAt);
        }
      }),
      { numRuns },
    );
  });

  it('[SES3] never lets its own time step back', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after } of runSession(input, plans).steps)
          expect(after.context.now).toBeGreaterThanOrEqual(before.context.now);
      }),
      { numRuns },
    );
  });

  it('[MSG2] starts its turns one at a time, in the order of their messages, and accounts for each', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        const { initial, effects, emissions, steps, last } = runSession(input, plans);
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
      { numRuns },
    );
  });

  it('[LIM10] lets no more turns wait than allowed', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after, event, effects } of runSession(input, plans).steps) {
          expect(turnsIn(after.context.queue).length).toBeLessThanOrEqual(limits.turnsWaitingMax);
          expect(after.context.queue.length).toBeLessThanOrEqual(2 * limits.turnsWaitingMax);
          if (event.type !== 'message.add' || !before.matches('open') || event.queue !== 'queue') continue;
          if (before.context.session?.closedAt !== undefined) continue;
          const { queue } = before.context;
          const full =
            (event.turn !== undefined && turnsIn(queue).length === limits.turnsWaitingMax) ||
            queue.length === 2 * limits.turnsWaitingMax;
          const [reply] = emissionsOf(effects).filter(isReply);
          if (full) expect(reply).toMatchObject({ refusal: { code: 'queue_full', retryable: true } });
          else expect(reply?.type).toBe('command.accepted');
        }
      }),
      { numRuns },
    );
  });

  it('[MSG7] follows each message with session.updated, its own at once', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, event, effects } of runSession(input, plans).steps) {
          const types = emissionsOf(effects).map(({ type }) => type);
          const created = types.indexOf('message.created');
          if (created !== -1) expect(types[created + 1]).toBe('session.updated');
          if (event.type === 'message.added' && before.matches('open'))
            expect(types).toEqual(['session.updated']);
        }
      }),
      { numRuns },
    );
  });

  it('[SES7] tells a running turn of its cancellation exactly when somebody cancels or deletes', () => {
    fc.assert(
      fc.property(sessionInput, sessionPlans, (input, plans) => {
        for (const { before, after, event, effects } of runSession(input, plans).steps) {
          const { running } = before.context;
          const sent = sendsOf(effects).map(({ to, event: { type } }) => [to, type]);
          const concerns =
            event.type === 'session.delete' ||
            (event.type === 'turn.cancel' && (event.promptId ?? running?.promptId) === running?.promptId);
          if (running !== null && concerns && before.matches('open'))
            expect(sent).toEqual([[`turn.${running.turnId}`, 'turn.cancel']]);
          else if (running !== null && event.type === 'session.interrupt')
            expect(sent).toEqual([[`turn.${running.turnId}`, 'turn.interrupt']]);
          else if (sent.length > 0) {
            // It replaces, overtakes or deletes what runs, or it steers, or what steers has changed.
            const steers = isSteered(after.context.queue);
            const order = sent[0]?.[1] === 'turn.yield' ? 'turn.yield' : 'turn.cancel';
            expect(sent).toEqual([[`turn.${running?.turnId}`, order]]);
            if (order === 'turn.yield') expect(isSteered(before.context.queue)).toBe(!steers);
            expect(emissionsOf(effects).map(({ type }) => type)).not.toContain('command.refused');
          } else if (running !== null && after.context.running === running && after.matches('open'))
            expect(isSteered(after.context.queue)).toBe(isSteered(before.context.queue));
        }
      }),
      { numRuns },
    );
  });

  it('reaches every state in the generated runs', () => {
    const visited = new VisitedStates();
    for (const [input, plans] of fc.sample(fc.tuple(sessionInput, sessionPlans), { numRuns: 200, seed: 7 }))
      runSession(input, plans, visited);
    expect(visited.paths).toEqual(everyStateOf(chatSessionMachine));
  });
});
