/** How long a command takes that finds its session asleep, against one that finds it awake. */
import type { SessionId } from '../schema/ids.ts';
import type { Storage } from '../src/storage/storage.ts';
import { acceptedValue, measuredSystem } from './measured-system.ts';
import { quantile } from './quantile.ts';

export type WakeFigure = {
  readonly asleepMsP50: number;
  readonly asleepMsP99: number;
  readonly awakeMsP50: number;
  readonly awakeMsP99: number;
};

/** Renames each session twice: the first time it has to wake from its rows. */
export async function wakeTime(storage: Storage, sessions: readonly SessionId[]): Promise<WakeFigure> {
  const { system } = await measuredSystem(storage);
  const asleep: number[] = [];
  const awake: number[] = [];
  for (const id of sessions) {
    for (const times of [asleep, awake]) {
      const start = performance.now();
      acceptedValue(await system.door.updateSession(id, { title: 'Renamed' }));
      times.push(performance.now() - start);
    }
  }
  await system.stop();
  return {
    asleepMsP50: quantile(asleep, 0.5),
    asleepMsP99: quantile(asleep, 0.99),
    awakeMsP50: quantile(awake, 0.5),
    awakeMsP99: quantile(awake, 0.99),
  };
}
