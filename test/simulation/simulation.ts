/** Runs a scenario from its first step until the world is at rest. */
import { heal, healingBegins } from './healing.ts';
import type { Invariant } from './invariant.ts';
import { perform } from './moves.ts';
import type { Parts } from './parts.ts';
import type { Scenario } from './scenario.ts';
import type { Tally } from './tally.ts';
import { World } from './world.ts';

export type SimulationOptions = {
  readonly invariants: readonly Invariant[];
  readonly parts?: Parts;
  readonly tally?: Tally;
  readonly narrate?: (line: string) => void;
};

/** Rejects with `InvariantBroken`, or when the world does not come to rest. */
export async function simulate(scenario: Scenario, options: SimulationOptions): Promise<void> {
  const { tally, ...rest } = options;
  const world = new World({
    ...rest,
    flushIntervalMs: scenario.flushIntervalMs,
    guarded: scenario.guarded,
  });
  try {
    await world.step(() => world.start());
    for (const step of scenario.steps) await perform(world, step);
    await heal(world);
    world.rest();
  } finally {
    tally?.add(world.tally);
    world.process?.die();
  }
}

/** A description of what happens in a scenario; the last line says what is wrong, if anything is. */
export async function story(scenario: Scenario, options: SimulationOptions): Promise<readonly string[]> {
  const lines: { readonly text: string; times: number }[] = [];
  const narrate = (text: string) => {
    const last = lines.at(-1);
    if (last?.text === text) last.times++;
    else lines.push({ text, times: 1 });
  };
  try {
    await simulate(scenario, { ...options, narrate });
  } catch (error) {
    narrate(error instanceof Error ? error.message : String(error));
  }
  return shortened(lines.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`)));
}

/** Shortens the description of how the world comes to rest: the scenario is not about that. */
function shortened(lines: readonly string[]): readonly string[] {
  const begin = lines.indexOf(healingBegins) + 1;
  const left = lines.length - begin - 2 * healingLinesMax;
  if (begin === 0 || left <= 0) return lines;
  return [
    ...lines.slice(0, begin + healingLinesMax),
    `… ${left} lines more`,
    ...lines.slice(lines.length - healingLinesMax),
  ];
}

const healingLinesMax = 6;
