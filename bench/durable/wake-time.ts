/** How long a command takes when its session is asleep, compared with when it is awake. */
import type { SessionId } from '../../schema/ids.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { latencyOf, newHistogram, recordMs } from '../client/latencies.ts';
import { acceptedValue, measuredSystem } from './measured-system.ts';

export type WakeFigure = {
  readonly asleepMsP50: number;
  readonly asleepMsP99: number;
  readonly awakeMsP50: number;
  readonly awakeMsP99: number;
};

/** Renames each session twice: the first time it must wake from its rows. */
export async function wakeTime(storage: Storage, sessions: readonly SessionId[]): Promise<WakeFigure> {
  const { system } = await measuredSystem(storage);
  const asleep = newHistogram();
  const awake = newHistogram();
  for (const id of sessions) {
    for (const times of [asleep, awake]) {
      const start = performance.now();
      acceptedValue(await system.door.updateSession(id, { title: 'Renamed' }));
      recordMs(times, performance.now() - start);
    }
  }
  await system.stop();
  const [slept, woken] = [latencyOf(asleep), latencyOf(awake)];
  return {
    asleepMsP50: slept.p50Ms,
    asleepMsP99: slept.p99Ms,
    awakeMsP50: woken.p50Ms,
    awakeMsP99: woken.p99Ms,
  };
}
