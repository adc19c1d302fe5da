/**
 * The time machine's engine. Goal: what a journal holds is what machines said, so replaying it through them says it
 * again ([INS8]). Method: sessions lived by generated plans, their journal read back as a store would give it, and
 * every step compared; sessions that were cut anywhere and woke again; journals whose beginning is gone.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommittedEvent } from '../../../actors/ports.ts';
import { SessionReplay } from '../../../actors/replay/session-replay.ts';
import { eventCatalogue, type JournaledEvent } from '../../../schema/event-catalogue.ts';
import { isEventName } from '../../../schema/event-table.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { Emission } from '../../../schema/text-piece.ts';
import { noon } from '../../arbitraries/instants.ts';
import { type LivePlan, type LiveStep, livePlan } from '../../arbitraries/live-steps.ts';
import { theSession } from '../../arbitraries/session-commands.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';
import { runLive } from '../../machines/live-session.ts';
import {
  beginLife,
  giveOrders,
  type LivedScenario,
  livedScenario,
  storageOf,
  turnsEnd,
} from './lived-scenario.ts';

const create = {
  kind: 'command',
  command: { type: 'session.create', title: 'A title', description: undefined, at: noon, named: false },
} as const;

/**
 * Time stands still, since what leaves no trace in the journal must not have moved it, and no tool ends in the tick
 * that starts it: real ones wait for their call to be durable.
 */
function atNoon(plan: LivePlan): LivePlan {
  const steps = plan.steps.map(
    (step): LiveStep =>
      step.kind === 'command' ? { ...step, command: { ...step.command, at: noon } } : { ...step, at: noon },
  );
  return { tools: [], steps: [create, ...steps] };
}

function isJournaled(emission: Emission): emission is JournaledEvent {
  if (!isEventName(emission.type)) return false;
  return ['durable', 'journal', 'checkpoint'].includes(eventCatalogue[emission.type].delivery);
}

function journalOf(emissions: readonly Emission[]): CommittedEvent[] {
  const events: JournaledEvent[] = JSON.parse(JSON.stringify(emissions.filter(isJournaled)));
  return events.map((event, index) => ({ seq: index + 1, event }));
}

/** The first event that was not replayed, among its neighbours. */
function oddOf(
  sessionId: SessionId,
  journal: readonly CommittedEvent[],
  { mayBeClosed = false } = {},
): string | null {
  for (const { basis, committed } of new SessionReplay(sessionId, journal).steps()) {
    // Nothing stopped here, so nothing was closed from rows.
    if (basis === 'replayed' || (basis === 'closed' && mayBeClosed)) continue;
    const at = journal.indexOf(committed);
    const around = journal.slice(Math.max(0, at - 8), at + 8);
    return around
      .map(({ seq, event }) => `${seq === committed.seq ? '>' : ' '} ${event.type} ${JSON.stringify(event)}`)
      .join('\n');
  }
  return null;
}

describe('a session replayed', () => {
  it('[INS8] says every event again, whatever happened', () => {
    fc.assert(
      fc.property(livePlan, (plan) => {
        const journal = journalOf(runLive(atNoon(plan)).emissions);
        expect(oddOf(theSession, journal)).toBeNull();
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  it('[INS8] follows real actors over crashes at any commit', async () => {
    const seen = { closed: 0, woken: 0, sessions: 0 };
    await fc.assert(
      fc.asyncProperty(livedScenario, fc.nat(), async (scenario, cut) => {
        const storage = memoryStorage();
        const first = await beginLife(scenario, { storage, firstId: 1 });
        await giveOrders(scenario, first);
        await turnsEnd(first);
        const sizes = [0, ...storage.batchSizes()];
        await first.world.system.stop();
        const length = sizes.slice(0, 1 + (cut % sizes.length)).reduce((sum, size) => sum + size, 0);
        const second = await beginLife(scenario, {
          storage: await storageOf(storage.committed().slice(0, length)),
          firstId: 0x100000,
          laterMs: 60_000,
        });
        await second.world.system.recover();
        await giveOrders(scenario, second);
        await turnsEnd(second);
        await second.world.system.stop();
        const all = second.storage.committed().map(({ seq, entry }) => ({ seq, event: entry }));
        const bySession = Map.groupBy(all, ({ event }) => event.sessionId);
        for (const [sessionId, journal] of bySession) {
          if (sessionId === null) continue;
          seen.sessions++;
          expect(oddOf(sessionId, journal, { mayBeClosed: true })).toBeNull();
          for (const { basis, note } of new SessionReplay(sessionId, journal).steps()) {
            if (basis === 'closed') seen.closed++;
            if (note?.includes('woke here') === true) seen.woken++;
          }
        }
      }),
      {
        numRuns: 15,
        // The session woke for the command that deleted it, and so later than the command came.
        examples: [[[order('delete'), order('note')], 22_663_438]],
      },
    );
    expect(seen.closed).toBeGreaterThan(0);
    expect(seen.woken).toBeGreaterThan(0);
  }, 60_000);

  it('[INS8] says what it cannot explain, and goes on from the next quiet point', () => {
    fc.assert(
      fc.property(livePlan, fc.nat(), (plan, lost) => {
        const whole = journalOf(runLive(atNoon(plan)).emissions);
        // Retention has deleted the beginning.
        const journal = whole.slice(lost % whole.length);
        const steps = [...new SessionReplay(theSession, journal).steps()];
        expect(steps.map(({ committed }) => committed)).toEqual(journal);
        const quiet = journal.findIndex((_, index) => isQuiet(journal, index, whole));
        // From a command to a session at rest on, everything is explained.
        if (quiet > 0) {
          const later = steps.slice(quiet).map(({ basis }) => basis);
          expect(later).toEqual(later.map(() => 'replayed'));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('[INS8] shows calls and turns in the states in which they ended', () => {
    const plan = atNoon({
      tools: [],
      steps: [
        {
          kind: 'command',
          command: { type: 'message.add', role: 'user', content: 'hi', at: noon, named: false },
        },
        { kind: 'calls', count: 1, at: noon },
        { kind: 'finish', at: noon },
        { kind: 'toolEnds', which: 0, failed: false, at: noon },
      ],
    });
    const journal = journalOf(runLive(plan).emissions);
    const shown = new Map<string, unknown>();
    for (const { committed, views, inputs } of new SessionReplay(theSession, journal).steps()) {
      const states = views().map(({ view }) => `${view.kind} ${JSON.stringify(view.value)}`);
      shown.set(committed.event.type, { states, inputs: inputs.map(({ event }) => event.type) });
    }
    const responding = 'session {"open":{"status":"active","activity":"responding"}}';
    expect(shown.get('tool.result')).toEqual({
      states: [
        responding,
        'turn {"modelCall":{"calling":"requesting"}}',
        'engine null',
        'toolCall "completed"',
        'trace "running"',
      ],
      inputs: ['tool.completed'],
    });
    expect(shown.get('turn.ended')).toMatchObject({
      states: [
        'session {"open":{"status":"active","activity":"idle"}}',
        'turn "completed"',
        'answer "ended"',
        'trace "completed"',
      ],
    });
  });
});

function order(kind: 'delete' | 'note'): LivedScenario[number] {
  return { order: { kind, session: 0 }, ticks: 0 };
}

/** A command begins there, its session is known, and every turn that was queued before has ended. */
function isQuiet(
  journal: readonly CommittedEvent[],
  index: number,
  whole: readonly CommittedEvent[],
): boolean {
  const [earlier, here] = [journal[index - 1]?.event, journal[index]];
  if (here === undefined || here.event.commandId === undefined) return false;
  if (!['message.created', 'session.updated'].includes(here.event.type)) return false;
  if (here.event.commandId === earlier?.commandId) return false;
  const isKnown = journal.slice(0, index).some(({ event }) => event.type === 'session.updated');
  const before = whole.filter(({ seq }) => seq < here.seq).map(({ event }) => event.type);
  const count = (type: string) => before.filter((one) => one === type).length;
  return isKnown && count('turn.queued') === count('turn.ended');
}
