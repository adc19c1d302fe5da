/**
 * Goal: whatever was stored when the process died, recovery from it satisfies the invariants (I10, I11). Method: the
 * real actors go through a generated scenario. Then, for every prefix of the journal that ends with a commit, another
 * life begins on a store with just that prefix, its clients repeat their commands, and the whole journal is checked.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { Outcome } from '../../schema/refusal.ts';
import { beginLife, giveOrders, type Life, storageOf, turnsEnd } from '../actors/replay/lived-scenario.ts';
import { livedScenario } from '../actors/replay/scenario-arbitrary.ts';
import { cases } from '../effort.ts';
import { memoryStorage } from '../fakes/memory-storage.ts';
import { disordered, duplicatedEvents, duplicates, unterminatedIn } from '../torture/journal-faults.ts';

describe('recovery', () => {
  it('[REC1] [REC2] [REC3] [REC4] [APR5] loses, repeats and invents nothing, whichever commit was the last', async () => {
    const seen = { prefixes: 0, interrupted: 0, run: 0, resumed: 0, texts: 0, calls: 0 };
    await fc.assert(
      fc.asyncProperty(livedScenario, async (scenario) => {
        const storage = memoryStorage();
        const first = await beginLife(scenario, { storage, firstId: 1 });
        const answers = new Map<string, { readonly outcome: Outcome<unknown>; readonly committed: number }>();
        await giveOrders(scenario, first, ({ name, outcome }) => {
          answers.set(name, { outcome, committed: storage.committed().length });
        });
        await turnsEnd(first);
        const whole = storage.committed();
        const batches = storage.batchSizes();
        await first.world.system.stop();
        expect(
          faultsOf(
            first,
            whole.map(({ entry }) => entry),
          ),
        ).toEqual([]);

        let length = 0;
        for (const size of [0, ...batches]) {
          length += size;
          const prefix = whole.slice(0, length).map(({ entry }) => entry);
          const second = await beginLife(scenario, {
            storage: await storageOf(whole.slice(0, length)),
            firstId: 0x100000,
          });
          const atCrash = await turnsAtCrash(second, prefix);
          await second.world.system.recover();
          await giveOrders(scenario, second, ({ name, outcome }) => {
            const before = answers.get(name);
            if (before?.outcome.ok && before.committed <= length) expect(outcome).toEqual(before.outcome);
          });
          await turnsEnd(second);
          const log = second.storage.committed().map(({ entry }) => entry);
          await second.world.system.stop();
          expect(faultsOf(second, log), `after ${length} events`).toEqual([]);
          expect(await crashFaults(second, prefix, atCrash, log), `after ${length} events`).toEqual([]);
          seen.prefixes++;
          for (const turn of atCrash) {
            seen[turn.waits ? 'resumed' : turn.step > 0 ? 'interrupted' : 'run']++;
            if (turn.text !== undefined) seen.texts++;
            seen.calls += turn.calls.length;
          }
        }
      }),
      { numRuns: cases({ quick: 12, full: 60 }) },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, `${what} were tested`).toBeGreaterThan(5);
  }, 120_000);
});

/** A turn that was open when the process died. */
type TurnAtCrash = {
  readonly turnId: string;
  readonly promptId: string;
  readonly answerId: string;
  readonly step: number;
  /** A person must decide about one of its calls, so it goes on waiting. */
  readonly waits: boolean;
  /** The checkpointed text; `undefined`: no message yet. */
  readonly text: string | undefined;
  /** Arguments of the calls that had begun. */
  readonly calls: readonly string[];
};

async function turnsAtCrash(life: Life, prefix: readonly JournalEntry[]): Promise<readonly TurnAtCrash[]> {
  const { readModel } = life.storage;
  const turns: TurnAtCrash[] = [];
  for (const id of await readModel.sessionsWithOpenTurns()) {
    for (const turn of (await readModel.storedSession(id))?.turns ?? []) {
      const { turnId, promptId, answerId, step } = turn;
      const calls = prefix.flatMap((entry) =>
        entry.type === 'tool.call' && entry.record.turnId === turnId ? [entry.record.argumentsJson] : [],
      );
      turns.push({
        turnId,
        promptId,
        answerId,
        step,
        waits: (await readModel.toolCalls(turnId)).some((call) => call.status === 'awaitingApproval'),
        text: (await readModel.message(id, answerId))?.content,
        calls,
      });
    }
  }
  return turns;
}

/** Faults that no journal and no life may have. */
function faultsOf(life: Life, log: readonly JournalEntry[]): readonly string[] {
  return [
    ...duplicatedEvents(log),
    ...unterminatedIn(log),
    ...disordered(log),
    ...unansweredOrder(log),
    ...duplicates(life.toolRuns).map((run) => `tool ran twice: ${run}`),
    ...duplicates(life.modelCalls).map((call) => `model was called twice: ${call}`),
    ...life.premature.map((what) => `${what} began before it was stored`),
  ];
}

/** Turns of a session begin in the order in which they were queued (docs/protocol.md B6). */
function unansweredOrder(log: readonly JournalEntry[]): readonly string[] {
  const queued = log.flatMap((entry) => (entry.type === 'turn.queued' ? [entry.data.turnId] : []));
  return [...Map.groupBy(log, (entry) => entry.sessionId).values()].flatMap((entries) => {
    const begun = entries.flatMap((entry) => (entry.type === 'turn.started' ? [entry.data.turnId] : []));
    const places = [...new Set(begun)].map((turn) => queued.indexOf(turn));
    return places.some((place, index) => place < (places[index - 1] ?? -1)) ? [`begun: ${begun.join()}`] : [];
  });
}

/** The faults in how turns that were open at the crash ended. */
async function crashFaults(
  life: Life,
  prefix: readonly JournalEntry[],
  turns: readonly TurnAtCrash[],
  log: readonly JournalEntry[],
): Promise<readonly string[]> {
  const faults: string[] = [];
  const after = log.slice(prefix.length);
  const started = prefix.flatMap((entry) =>
    entry.type === 'tool.call' && entry.data.status === 'running' ? [entry.record.argumentsJson] : [],
  );
  for (const run of life.toolRuns) if (started.includes(run)) faults.push(`tool was run again: ${run}`);
  for (const turn of turns) {
    const end = after.find((entry) => entry.type === 'turn.ended' && entry.data.turnId === turn.turnId);
    const outcome = end?.type === 'turn.ended' ? end.data.outcome : 'none';
    const said = after.findLast(
      (entry) => entry.type === 'message.updated' && entry.data.id === turn.answerId,
    );
    const text = said?.type === 'message.updated' ? said.data.content : undefined;
    if (turn.waits) {
      if (outcome === 'interrupted') faults.push('turn waited for a person and was interrupted');
      if (turn.text !== undefined && text?.startsWith(turn.text) !== true)
        faults.push(`text was ${turn.text} and is ${text}`);
    } else if (turn.step > 0) {
      if (outcome !== 'interrupted') faults.push(`turn had begun and ended as ${outcome}`);
      if (text !== turn.text) faults.push(`text was ${turn.text} and is ${text}`);
    } else if (outcome === 'interrupted') {
      faults.push('turn had not begun and was interrupted');
    }
  }
  return faults;
}
