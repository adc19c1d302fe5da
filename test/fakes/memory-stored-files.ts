/** Stored files in memory, on the real logic: for tests of what is in front of them. */

import { CauseLedger } from '../../actors/causes/cause-ledger.ts';
import { StoredFiles } from '../../actors/files/stored-files.ts';
import { Outbox } from '../../actors/outbox/outbox.ts';
import type { Clock } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import type { Refusal } from '../../schema/refusal.ts';
import { createContentProbe } from '../../src/files/content-probe.ts';
import { systemIds } from '../../src/ids.ts';
import { type MemoryFileStore, memoryFileStore } from './memory-file-store.ts';
import { type MemoryStorage, memoryStorage } from './memory-storage.ts';
import { recordingPublisher } from './recording-publisher.ts';
import { silentLog } from './silent-log.ts';

export type MemoryStoredFiles = {
  readonly files: StoredFiles;
  readonly store: MemoryFileStore;
  readonly storage: MemoryStorage;
  /** Refuses everything while it returns a reason. */
  admission: () => Refusal | null;
};

export function memoryStoredFiles(clock: Clock): MemoryStoredFiles {
  const storage = memoryStorage();
  const store = memoryFileStore(clock.now);
  const outbox = new Outbox({
    journal: storage.journal,
    publisher: recordingPublisher(),
    causes: new CauseLedger(),
    clock,
    log: silentLog,
    onReply: () => {},
    onRejected: () => {},
  });
  const made: MemoryStoredFiles = {
    store,
    storage,
    admission: () => null,
    files: new StoredFiles({
      store,
      records: storage.files,
      createProbe: createContentProbe,
      outbox,
      readModel: storage.readModel,
      admission: () => made.admission(),
      clock,
      ids: systemIds,
      log: silentLog,
    }),
  };
  return made;
}

/** What routes use of them. */
export function memoryFiles() {
  const clock: Clock = {
    now: Date.now,
    after: (delay, run) => {
      const timer = setTimeout(run, delay);
      return () => clearTimeout(timer);
    },
    soon: (run) => void setImmediate(run),
  };
  const { files } = memoryStoredFiles(clock);
  return { store: files.store, file: files.file, open: files.open, bytesMax: limits.fileBytesMax };
}
