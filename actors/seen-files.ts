/** Which of some files a principal sees ([FIL50]). */
import { maySeeFile, type Visibility } from '../schema/authorization.ts';
import type { FileId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import type { FileRecords } from './file-store.ts';

/** Rejects with `JournalUnavailable`. */
export async function seenFiles(
  records: Pick<FileRecords, 'access'>,
  ids: Iterable<FileId>,
  visibleTo: Visibility,
): Promise<ReadonlySet<FileId>> {
  const asked = [...new Set(ids)];
  const seen = new Set<FileId>();
  for (let from = 0; from < asked.length; from += limits.fileRoundFiles) {
    const found = await records.access(asked.slice(from, from + limits.fileRoundFiles), visibleTo);
    for (const [id, access] of found) if (maySeeFile(visibleTo, access)) seen.add(id);
  }
  return seen;
}
