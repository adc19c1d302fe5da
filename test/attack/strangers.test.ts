/**
 * Goal: a stranger, with a key of its own, gets nothing of somebody else's session and changes nothing in it ([OWN3], I13);
 * neither does anybody of another tenant, with a narrowed token, or without the scope.
 * Method: a real server; an owner has a session with a message, its answer, a trace, a tool call and a file. Every route of
 * the route table, every frame of the command tables, and every way to hear events is tried, and once by the owner as a
 * control. What arrived at the attacker is searched for the owner's secret and ids. `mutants.test.ts` shows that each
 * decision of the server is needed for it.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { databases } from '../processes/databases.ts';
import { attacks } from './all-attacks.ts';
import { type AttackWorld, openAttackWorld } from './attack-world.ts';

describe.each(databases)('attacks on $name', (database) => {
  let world: AttackWorld;
  beforeAll(async () => {
    world = await openAttackWorld(database);
  }, 120_000);
  afterAll(() => world.close());

  it.each(attacks.map(({ title, run }) => [title, run] as const))('%s', (_, run) => run(world), 120_000);
});
