/** The files that are chosen for the next message of a session: stored at once, named when the message is sent. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Client } from '../../client/client.ts';
import { readFile, UploadError, uploadFile } from './file-transfer.ts';
import type { KeptDrafts, KeptFile } from './kept-drafts.ts';
import { forgetBytes, keepBytes, keptBytes } from './waiting-files.ts';

export type ChosenFile = KeptFile & {
  /** How much of it was sent, from 0 to 1. */
  readonly share: number;
  /** Why it could not be stored; `undefined`: it is stored, or under way. */
  readonly failure: { readonly words: string; readonly isFinal: boolean } | undefined;
};

export class ChosenFiles {
  readonly #files = signal<readonly ChosenFile[]>([]);
  readonly #bytes = new Map<string, Blob>();
  readonly #uploads = new Map<string, AbortController>();
  readonly #client: Client;
  readonly #drafts: KeptDrafts;
  readonly #key: string;

  /** `key`: of the draft that they belong to; files that were chosen for it before are there again. */
  constructor(client: Client, drafts: KeptDrafts, key: string) {
    this.#client = client;
    this.#drafts = drafts;
    this.#key = key;
    this.#files.value = drafts.files(key).map((file) => ({ ...file, share: 0, failure: undefined }));
    for (const { id, fileId } of this.#files.value) {
      if (fileId === undefined) void this.#goOn(id);
    }
  }

  get files(): ReadonlySignal<readonly ChosenFile[]> {
    return this.#files;
  }

  add(files: Iterable<File>): void {
    for (const file of files) {
      const id = crypto.randomUUID();
      const { name, type, size: bytes } = file;
      this.#bytes.set(id, file);
      this.#set([...this.#files.value, { id, name, type, bytes, share: 0, failure: undefined }]);
      void keepBytes(id, file);
      void this.#upload(id, file);
    }
  }

  remove(id: string): void {
    this.#uploads.get(id)?.abort();
    this.#uploads.delete(id);
    this.#bytes.delete(id);
    void forgetBytes(id);
    this.#set(this.#files.value.filter((file) => file.id !== id));
  }

  retry(id: string): void {
    this.#change(id, { failure: undefined, share: 0 });
    void this.#goOn(id);
  }

  clear(): void {
    for (const { id } of this.#files.value) this.remove(id);
  }

  /** For a preview. */
  async read({ id, fileId }: ChosenFile): Promise<Blob | undefined> {
    const bytes = this.#bytes.get(id) ?? (await keptBytes(id));
    return bytes ?? (fileId === undefined ? undefined : readFile(this.#client, fileId));
  }

  async #goOn(id: string): Promise<void> {
    const bytes = this.#bytes.get(id) ?? (await keptBytes(id));
    if (bytes === undefined) {
      this.#change(id, { failure: { words: 'The file must be chosen again.', isFinal: true } });
    } else {
      this.#bytes.set(id, bytes);
      await this.#upload(id, bytes);
    }
  }

  async #upload(id: string, bytes: Blob): Promise<void> {
    const file = this.#files.value.find((one) => one.id === id);
    if (file === undefined) return;
    const abort = new AbortController();
    this.#uploads.set(id, abort);
    try {
      const fileId = await uploadFile(this.#client, bytes, file.name, {
        key: id,
        signal: abort.signal,
        onProgress: (share) => this.#change(id, { share }),
      });
      this.#change(id, { fileId, share: 1 });
      void forgetBytes(id);
    } catch (error) {
      const isFinal = error instanceof UploadError && error.isFinal;
      const words = error instanceof UploadError ? error.message : 'The file could not be sent.';
      this.#change(id, { failure: { words, isFinal } });
    } finally {
      this.#uploads.delete(id);
    }
  }

  #change(id: string, changed: Partial<ChosenFile>): void {
    this.#set(this.#files.value.map((file) => (file.id === id ? { ...file, ...changed } : file)));
  }

  #set(files: readonly ChosenFile[]): void {
    this.#files.value = files;
    this.#drafts.keepFiles(
      this.#key,
      files.map(({ share: _, failure: __, ...kept }) => kept),
    );
  }
}
