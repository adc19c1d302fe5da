/** The keys of a store that no server has open: the same commands, journaled in the same way. */
import { CauseLedger } from '../../actors/causes/cause-ledger.ts';
import { KeyCommands } from '../../actors/door/key-commands.ts';
import { ServerCommands } from '../../actors/door/server-commands.ts';
import { Outbox } from '../../actors/outbox/outbox.ts';
import type { Log } from '../../actors/ports.ts';
import { PendingReplies } from '../../actors/sessions/pending-replies.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import { systemClock } from '../clock.ts';
import { StoredKeys } from '../gateway/authentication/stored-keys.ts';
import { systemIds } from '../ids.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { StorageOptions } from '../storage/storage.ts';
import { type KeyOrder, type KeyOrderResult, obey } from './key-orders.ts';

/** Opens the store, obeys, and closes it. Rejects with `StorageOpenError`; `StoreInUseError` when a server has it open. */
export async function obeyInStore(
  order: KeyOrder,
  options: Omit<StorageOptions, 'log' | 'lockWaitMs' | 'onTakenOver'> & { readonly log: Log },
): Promise<Outcome<KeyOrderResult>> {
  const { log } = options;
  const storage = await openStorage({ ...options, lockWaitMs: 0 });
  try {
    const { journal, readModel } = storage;
    const replies = new PendingReplies();
    const keys = new StoredKeys({ clock: systemClock, log, noteUses: storage.keyNotes.noteUses });
    const outbox = new Outbox({
      journal,
      publisher: { durable: (event) => door.committed(event), volatile: () => {}, stream: () => {} },
      causes: new CauseLedger(),
      clock: systemClock,
      log,
      onReply: replies.settle,
      onRejected: () => door.reset(),
    });
    const server = new ServerCommands({
      readModel,
      replies,
      stamp: (idempotency) => ({
        commandId: systemIds.next<CommandId>(),
        at: systemClock.now(),
        idempotency,
      }),
      admission: () => null,
    });
    const door = new KeyCommands({
      outbox,
      ids: systemIds,
      initial: await readModel.storedKeys(),
      host: keys,
      run: server.run,
    });
    const late = Promise.withResolvers<Outcome<never>>();
    const cancel = systemClock.after(limits.adminAnswerMs, () =>
      late.resolve(
        refused(refusal('unavailable', 'The database did not take it in time; see callboard keys list')),
      ),
    );
    const outcome = await Promise.race([obey(order, { door, keys }), late.promise]);
    cancel();
    await keys.stop();
    return outcome;
  } finally {
    await storage.close();
  }
}
