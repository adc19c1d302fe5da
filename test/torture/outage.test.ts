/** The short torture of the store that CI runs; `npm run torture -- --fault database|disk` is the long one. */
import { describe, expect, it } from 'vitest';
import { cases, isCi } from '../effort.ts';
import { outageTorture } from './outage-torture.ts';
import { postgresPrograms } from './postgres-cluster.ts';
import { fullPostgresDisk, fullSqliteDisk, killedPostgres, type Sabotage } from './sabotage.ts';
import { mountObstacle } from './small-disk.ts';
import { faultless } from './verdict.ts';

const points = cases({ quick: 1, full: 3 });
const wantsPostgres = isCi || Boolean(process.env['TEST_DATABASE_URL']);

/** Why it cannot run here, or `null`. In CI nothing may be left out. */
async function obstacleTo(sabotage: Sabotage): Promise<string | null> {
  const needsPostgres = sabotage !== fullSqliteDisk;
  if (needsPostgres && !wantsPostgres) return 'TEST_DATABASE_URL is not set';
  if (needsPostgres && (await postgresPrograms()) === undefined) return 'initdb is not installed';
  return sabotage.fault === 'disk' ? mountObstacle() : null;
}

const candidates = await Promise.all(
  [killedPostgres, fullSqliteDisk, fullPostgresDisk].map(async (sabotage) => ({
    sabotage,
    name: sabotage.name,
    obstacle: await obstacleTo(sabotage),
  })),
);
for (const { name, obstacle } of candidates) {
  if (obstacle === null) continue;
  if (isCi) throw new Error(`${name} cannot be tested: ${obstacle}`);
  process.stdout.write(`Left out, because ${obstacle}: ${name}\n`);
}

describe.each(candidates)('the server, while its store is gone: $name', ({ sabotage, obstacle }) => {
  it.runIf(obstacle === null)(
    '[JRN16] refuses, survives, goes on by itself and loses nothing',
    async () => {
      const result = await outageTorture({ sabotage, points, seed: 20_261_123 });
      expect(result.faults).toEqual(faultless);
      expect(result.misbehaviour).toEqual([]);
      expect(result.killPoints).toBeGreaterThanOrEqual(points);
      expect(result.refused).toBeGreaterThan(0);
    },
    120_000,
  );
});
