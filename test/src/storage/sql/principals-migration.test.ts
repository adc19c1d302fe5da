/** A store from before there were principals: layouts keep their owners. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { migrateTo, oldStores } from './old-store.ts';

it.each(oldStores)(
  '[PRF1] layouts of an old store on %s belong to the same as before',
  async (dialect, open) => {
    const old = await open();
    await migrateTo('0015-turn-journal', old.db, dialect);
    const insert = (owner: string) =>
      sql`insert into preferences (owner, layout, updated_at) values (${owner}, ${JSON.stringify({ of: owner })}, 1)`;
    await insert('everybody').execute(old.db);
    await insert('a'.repeat(22)).execute(old.db);
    await old.db.destroy();
    const storage = await old.open();
    const layouts = ['local', `key:${'a'.repeat(22)}`].map((owner) => storage.readModel.layout(owner));
    expect((await Promise.all(layouts)).map(({ layout }) => layout)).toEqual([
      { of: 'everybody' },
      { of: 'a'.repeat(22) },
    ]);
    await storage.close();
    await old.remove();
  },
);
