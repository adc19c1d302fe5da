/** An attack world whose server has decisions dropped. */
import { AssertionError } from 'node:assert';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TestDatabase } from '../../processes/databases.ts';
import type { Attack } from '../attack.ts';
import { openAttackWorld } from '../attack-world.ts';
import type { Decision } from './decisions.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const loader = new URL('./change-source.ts', import.meta.url).href;

/** `held`: the server withstood it. `caught`: an assertion of the attack failed. `broken`: something else went wrong. */
export type AttackOutcome =
  | { readonly attack: string; readonly is: 'held' }
  | { readonly attack: string; readonly is: 'caught' | 'broken'; readonly why: string };

/** What becomes of the attacks, one after the other, on a server without the decision; `null`: with all of them. */
export async function attackedWithout(
  dropped: Decision | null,
  attacks: readonly Attack[],
  database: TestDatabase,
): Promise<readonly AttackOutcome[]> {
  const env = {
    NODE_OPTIONS: `--import=${loader}`,
    CHANGED_SOURCE: JSON.stringify(
      dropped === null ? null : { ...dropped, url: pathToFileURL(join(root, dropped.file)).href },
    ),
  };
  const world = await openAttackWorld(database, env);
  try {
    const outcomes: AttackOutcome[] = [];
    for (const { title: attack, run } of attacks) {
      try {
        await run(world);
        outcomes.push({ attack, is: 'held' });
      } catch (error) {
        const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        outcomes.push({ attack, is: isAssertion(error) ? 'caught' : 'broken', why });
      }
    }
    return outcomes;
  } finally {
    await world.close();
  }
}

/** Of `expect`, which has an error class of its own. */
function isAssertion(error: unknown): boolean {
  return error instanceof AssertionError || (error instanceof Error && error.name === 'AssertionError');
}
