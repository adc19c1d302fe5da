/** Files as sessions use them, in memory: what tools return is kept with the type that its bytes have. */
import type { ReturnedFile, SessionFiles } from '../../actors/file-store.ts';
import { harmlessFileName, type StoredFile } from '../../schema/file.ts';
import type { FileId } from '../../schema/ids.ts';
import { accepted, type Refusal, refused } from '../../schema/refusal.ts';
import { createContentProbe } from '../../src/files/content-probe.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';

export type MemorySessionFiles = SessionFiles & {
  /** In the order in which they were kept. */
  readonly kept: readonly StoredFile[];
};

/** `refusal`: why a file is not kept. Ids are those of kind `file`, counted from 1. */
export function memorySessionFiles(
  refusal: (file: ReturnedFile) => Refusal | null = () => null,
): MemorySessionFiles {
  const kept: StoredFile[] = [];
  let count = 0;
  return {
    kept,
    file: async (id) => kept.find((one) => one.id === id),
    // Whoever asks sees what was kept.
    access: async (ids) =>
      new Map(ids.map((id) => [id, { owner: null, tenant: null, isInSeenSession: true }] as const)),
    keep: async (given) => {
      const reason = refusal(given);
      if (reason !== null) return refused(reason);
      const id = idOf<FileId>(idKinds.file, ++count);
      const probe = createContentProbe();
      probe.take(given.bytes);
      const file = { id, name: harmlessFileName(given.name), ...(await probe.end()) };
      kept.push(file);
      return accepted(file);
    },
  };
}
