/**
 * The ports of files: their bytes are in a {@link FileStore}, what is known of them in the database. Bytes are durable
 * before their row is written, and are removed after it is deleted, so a row always has its bytes, and what has no row
 * may be removed.
 */
import type { FileAccess, Visibility } from '../schema/authorization.ts';
import type { StoredFile } from '../schema/file.ts';
import type { FileId, SessionId } from '../schema/ids.ts';
import type { Outcome } from '../schema/refusal.ts';
import type { Milliseconds } from '../schema/timestamp.ts';

/** Bytes by id. Every function rejects with {@link FileStoreUnavailable} when the store cannot do its work. */
export type FileStore = {
  /** Begins to write a file, of which nothing can be read before it is committed. The id must be new. */
  readonly write: (id: FileId) => Promise<FileWrite>;
  /** `undefined`: there are no bytes of that id. */
  readonly open: (id: FileId) => Promise<FileReader | undefined>;
  /** Whoever has the file open reads on. Does nothing when there are no bytes of that id. */
  readonly remove: (id: FileId) => Promise<void>;
  /** Every file that was committed before the call and not removed, in any order; later ones may be among them. */
  readonly list: () => AsyncIterable<{ readonly id: FileId; readonly storedAt: Milliseconds }>;
};

/** Calls must not overlap. Ends with one `commit` or `discard`. */
export type FileWrite = {
  readonly append: (chunk: Uint8Array) => Promise<void>;
  /** When it resolves, the bytes survive a power cut. When it rejects, nothing is left. */
  readonly commit: () => Promise<void>;
  /** Leaves nothing. Never rejects. */
  readonly discard: () => Promise<void>;
};

export type ByteRange = {
  readonly start: number;
  /** Not included. */
  readonly end: number;
};

/** A file that is open for reading. */
export type FileReader = {
  readonly bytes: number;
  /** The bytes of the range, which is within the file, at most `limits.fileChunkBytes` at a time. */
  readonly read: (range: ByteRange) => AsyncIterable<Uint8Array>;
  /** Must be called, whether anything was read or not. Never rejects. */
  readonly close: () => Promise<void>;
};

/** The file store cannot be used for now: it is full, or the disk fails. */
export class FileStoreUnavailable extends Error {
  override readonly name = 'FileStoreUnavailable';
  readonly isFull: boolean;

  constructor(message: string, options: { readonly isFull: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.isFull = options.isFull;
  }
}

/** What the database knows of files. All reject with `JournalUnavailable`. */
export type FileRecords = {
  readonly file: (id: FileId) => Promise<StoredFile | undefined>;
  /** Of those of `ids` that have a row: whose they are, and whether they are in a session that is visible. */
  readonly access: (
    ids: readonly FileId[],
    visibleTo: Visibility,
  ) => Promise<ReadonlyMap<FileId, FileAccess>>;
  /** Those of `ids` that have a row. */
  readonly known: (ids: readonly FileId[]) => Promise<ReadonlySet<FileId>>;
  /**
   * Looks at the next `limit` files after `after`, in the order in which they were stored (from the first: 0), that
   * were stored before `storedBefore`. `last` is what to pass as `after` next; `null`: none is left.
   */
  readonly unreferenced: (query: {
    readonly after: number;
    readonly limit: number;
    readonly storedBefore: Milliseconds;
  }) => Promise<{ readonly ids: readonly FileId[]; readonly last: number | null }>;
};

/** Files as sessions use them. */
export type SessionFiles = Pick<FileRecords, 'file' | 'access'> & {
  /**
   * Stores what a tool returned, for the owner of the session; resolves once bytes and row are durable, or with the
   * reason why not.
   */
  readonly keep: (file: ReturnedFile, session: SessionId) => Promise<Outcome<StoredFile>>;
};

export type ReturnedFile = {
  /** Any text; it is made harmless. */
  readonly name: string;
  readonly bytes: Uint8Array;
};

/** Looks at the bytes of one file as they pass. */
export type ContentProbe = {
  readonly take: (chunk: Uint8Array) => void;
  /** Call it once, when all bytes have passed. Never rejects. */
  readonly end: () => Promise<Pick<StoredFile, 'type' | 'bytes' | 'sha256'>>;
};
