/** The steps in which what is due happens: the event loop turns, the journal answers, time goes by. */
import type { AppendFate } from './simulated-storage.ts';
import type { World } from './world.ts';

/** How many rounds of due work one step of a scenario makes at most. */
const flowRoundsMax = 12;

/** Does everything that is due, without time passing or output from models and tools. */
export async function flow(world: World): Promise<void> {
  for (let round = 0; round < flowRoundsMax; round++) {
    if (world.process?.clock.idle !== false && world.storage.appending === undefined && round > 1) return;
    await append(world, 'commit');
    await tick(world);
  }
}

export async function tick(world: World): Promise<void> {
  if (world.process === undefined) return;
  await world.step(() => {
    if (world.process?.tick()) world.narrate(() => 'the event loop turns');
  });
}

/** When no append waits, the fate is kept for the next one. */
export async function append(world: World, given: AppendFate): Promise<void> {
  const { storage } = world;
  const batch = storage.appending;
  if (batch === undefined) {
    if (given !== 'commit' && storage.foreseen.length < foreseenMax) storage.foreseen.push(given);
    return;
  }
  const fate = given === 'commit' ? (storage.foreseen.shift() ?? given) : given;
  if (fate === 'fail') world.tally.count('appends that failed');
  if (fate === 'commitUntold') world.tally.count('appends that were answered to nobody');
  world.narrate(() => `the journal ${toldFates[fate]}: ${listed(batch.map(({ type }) => type))}`);
  await world.step(() => world.storage.decide(fate));
}

const foreseenMax = 2;

const toldFates: Readonly<Record<AppendFate, string>> = {
  commit: 'commits',
  fail: 'fails, for now, to write',
  commitUntold: 'commits without anybody being told',
  reject: 'rejects for good',
};

/** Lets time pass, timer by timer; the event loop turns after each. */
export async function wait(world: World, ms: number): Promise<void> {
  const { process } = world;
  if (process === undefined) return;
  const end = process.clock.elapsed + ms;
  world.narrate(() => `${ms} ms go by`);
  for (let fired = true; fired && process === world.process; ) {
    await world.step(() => {
      fired = process.clock.fireNext(end);
      process.tick();
    });
  }
}

function listed(names: readonly string[]): string {
  return names.length <= 8
    ? names.join(', ')
    : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`;
}
