/**
 * Measures the cost of durability and of sessions without a network: the real actors over a store, in a process of
 * their own. The parent asks about one store at a time, so that stores can take turns.
 */
import { z } from 'zod';
import { openStorage } from '../../src/storage/open-storage.ts';
import { serveParent } from '../process/child.ts';
import { commandCost } from './command-cost.ts';
import { measuredSystem, silentLog } from './measured-system.ts';
import { memoryJournal } from './memory-journal.ts';
import { storeTree, treeDeletion, treeReads } from './message-tree.ts';
import { type ScratchStore, scratchPostgres, scratchSqlite, storeNames } from './scratch-stores.ts';
import { sessionWeight } from './session-weight.ts';
import { startUp } from './start-up.ts';
import { storeSessions } from './stored-sessions.ts';
import { wakeTime } from './wake-time.ts';

const storeSchema = z.object({ store: z.enum(storeNames), databaseUrl: z.string().optional() });
type Store = z.infer<typeof storeSchema>;

await serveParent(null, {
  commands: (data) => {
    const question = storeSchema.extend({ sessions: z.number(), ms: z.number() }).parse(data);
    return withStorage(question, async (storage) => {
      const measured = await measuredSystem(storage);
      try {
        return await commandCost(measured, question);
      } finally {
        await measured.system.stop();
      }
    });
  },
  sessions: (data) => {
    const { count } = z.object({ count: z.number() }).parse(data);
    return withStorage({ store: 'SQLite' }, (storage) => sessionWeight(storage, count));
  },
  tree: (data) => {
    const question = storeSchema
      .extend({ messages: z.number(), width: z.number(), times: z.number() })
      .parse(data);
    return withStorage(question, async ({ journal, readModel }) => {
      const tree = await storeTree(journal, question);
      const reads = await treeReads(readModel, tree, question.times);
      return { ...reads, deletionMs: await treeDeletion(journal, tree) };
    });
  },
  stored: (data) => {
    const question = storeSchema.extend({ sessions: z.number(), woken: z.number() }).parse(data);
    return withScratch(question, async (scratch) => {
      const first = await openStorage({ ...scratch, log: silentLog });
      const ids = await storeSessions(first.journal, question.sessions);
      await first.close();
      const start = await startUp(scratch);
      const second = await openStorage({ ...scratch, log: silentLog });
      const stride = Math.max(1, Math.floor(ids.length / question.woken));
      const wake = await wakeTime(
        second,
        ids.filter((_id, index) => index % stride === 0),
      );
      await second.close();
      return { ...start, ...wake };
    });
  },
});

async function withStorage<Value>(
  question: Store,
  use: (storage: Parameters<typeof measuredSystem>[0]) => Promise<Value>,
): Promise<Value> {
  if (question.store === 'memory') return use(memoryJournal());
  return withScratch(question, async (scratch) => {
    const storage = await openStorage({ ...scratch, log: silentLog });
    try {
      return await use(storage);
    } finally {
      await storage.close();
    }
  });
}

async function withScratch<Value>(
  { store, databaseUrl }: Store,
  use: (scratch: ScratchStore) => Promise<Value>,
): Promise<Value> {
  const scratch =
    store === 'PostgreSQL'
      ? await scratchPostgres(databaseUrl ?? '')
      : await scratchSqlite(store === 'SQLite, full' ? 'full' : 'normal');
  try {
    return await use(scratch);
  } finally {
    await scratch.remove();
  }
}
