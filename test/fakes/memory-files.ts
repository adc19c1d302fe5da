/** The tables of files and of references to them, as a map and a list. */
import type { FileRecords } from '../../actors/file-store.ts';
import { type FileAccess, ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import type { StoredFile } from '../../schema/file.ts';
import type { FileId, MessageId, SessionId } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';

type Reference = { readonly fileId: FileId; readonly messageId: MessageId; readonly sessionId: SessionId };

type Stored = {
  readonly file: StoredFile;
  readonly at: Milliseconds;
  readonly position: number;
  readonly owner: SessionOwner;
};

export class MemoryFiles {
  readonly #files = new Map<FileId, Stored>();
  #references: Reference[] = [];
  #position = 0;

  store(file: StoredFile, at: Milliseconds, owner: SessionOwner = { owner: null, tenant: null }): void {
    if (!this.#files.has(file.id)) this.#files.set(file.id, { file, at, position: ++this.#position, owner });
  }

  /** `isSeen`: whether whoever asks sees the session. */
  access(ids: readonly FileId[], isSeen: (session: SessionId) => boolean): Map<FileId, FileAccess> {
    const found = new Map<FileId, FileAccess>();
    for (const id of ids) {
      const stored = this.#files.get(id);
      const isInSeenSession = this.#references.some(
        ({ fileId, sessionId }) => fileId === id && isSeen(sessionId),
      );
      if (stored !== undefined) found.set(id, { ...stored.owner, isInSeenSession });
    }
    return found;
  }

  bytesOf(owner: SessionOwner): number {
    const own = [...this.#files.values()].filter((stored) => ownerKey(stored.owner) === ownerKey(owner));
    return own.reduce((sum, { file }) => sum + file.bytes, 0);
  }

  delete(id: FileId): void {
    this.#files.delete(id);
  }

  refer(reference: Reference): void {
    const isKnown = this.#references.some(
      ({ fileId, messageId, sessionId }) =>
        fileId === reference.fileId && messageId === reference.messageId && sessionId === reference.sessionId,
    );
    if (!isKnown) this.#references.push(reference);
  }

  forgetSession(id: SessionId): void {
    this.#references = this.#references.filter(({ sessionId }) => sessionId !== id);
  }

  forgetMessages(session: SessionId, ids: ReadonlySet<MessageId>): void {
    this.#references = this.#references.filter(
      ({ sessionId, messageId }) => sessionId !== session || !ids.has(messageId),
    );
  }

  references(): readonly Reference[] {
    return this.#references;
  }

  file(id: FileId): StoredFile | undefined {
    return this.#files.get(id)?.file;
  }

  known(ids: readonly FileId[]): Set<FileId> {
    return new Set(ids.filter((id) => this.#files.has(id)));
  }

  unreferenced({ after, limit, storedBefore }: Parameters<FileRecords['unreferenced']>[0]) {
    const page = [...this.#files.values()].filter(({ position }) => position > after).slice(0, limit);
    const ids = page
      .filter(({ file, at }) => at < storedBefore && !this.#references.some((one) => one.fileId === file.id))
      .map(({ file }) => file.id);
    return { ids, last: page.length < limit ? null : (page.at(-1)?.position ?? null) };
  }
}
