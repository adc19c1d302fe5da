/**
 * What the user has written or chosen and has not sent. It stays with the tab, over a reload and a sign-out, for as long as
 * the same person uses it: another one never sees it.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { FileId } from '../../../schema/ids.ts';
import type { Saying } from '../../client/client.ts';
import { stored } from '../design/theme.ts';

/** A file that was chosen for a message. Without `fileId` the server does not have it yet. */
export type KeptFile = {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
  readonly fileId?: FileId;
};

/** A message that the server has not accepted yet. */
export type KeptMessage = { readonly id: string; readonly said: Saying };

/** Each by session; `''` for the new one. */
type Kept = {
  readonly texts: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, readonly KeptFile[]>>;
  readonly messages: Readonly<Record<string, readonly KeptMessage[]>>;
};

const storageKey = 'callboard.drafts';
const nothing: Kept = { texts: {}, files: {}, messages: {} };

export class KeptDrafts {
  #kept: Kept = nothing;
  #person: string | undefined;
  #isClosed = false;
  readonly #isKnown = signal(false);

  /** Whether it is known who the user is: until then nothing is there but what was written meanwhile. */
  get isKnown(): ReadonlySignal<boolean> {
    return this.#isKnown;
  }

  /** Says who the user is. True: what is stored was theirs. */
  belongTo(person: string): boolean {
    if (this.#person !== undefined) return true;
    this.#person = person;
    const found = stored(() => sessionStorage.getItem(storageKey));
    const before = found === undefined || found === null ? undefined : parsed(found);
    const isTheirs = before === undefined || before.person === person;
    if (isTheirs && before !== undefined) {
      const { texts, files, messages } = before.kept;
      this.#kept = {
        texts: { ...texts, ...this.#kept.texts },
        files: { ...files, ...this.#kept.files },
        messages: { ...messages, ...this.#kept.messages },
      };
    }
    this.#write();
    this.#isKnown.value = true;
    return isTheirs;
  }

  get(key: string): string | undefined {
    return this.#kept.texts[key];
  }

  set(key: string, text: string): void {
    this.#put({ texts: { ...this.#kept.texts, [key]: text } });
  }

  delete(key: string): void {
    this.#put({ texts: without(this.#kept.texts, key) });
  }

  files(key: string): readonly KeptFile[] {
    return this.#kept.files[key] ?? [];
  }

  keepFiles(key: string, files: readonly KeptFile[]): void {
    const others = without(this.#kept.files, key);
    this.#put({ files: files.length === 0 ? others : { ...others, [key]: files } });
  }

  get messages(): Kept['messages'] {
    return this.#kept.messages;
  }

  keepMessages(key: string, messages: readonly KeptMessage[]): void {
    const others = without(this.#kept.messages, key);
    this.#put({ messages: messages.length === 0 ? others : { ...others, [key]: messages } });
  }

  /** Forgets all of a session. */
  forget(key: string): void {
    const { texts, files, messages } = this.#kept;
    this.#put({
      texts: without(texts, key),
      files: without(files, key),
      messages: without(messages, key),
    });
  }

  /** From now on nothing changes: somebody else may sign in. */
  close(): void {
    this.#isClosed = true;
  }

  #put(changed: Partial<Kept>): void {
    if (this.#isClosed) return;
    this.#kept = { ...this.#kept, ...changed };
    this.#write();
  }

  #write(): void {
    const { texts, files, messages } = this.#kept;
    if (this.#person === undefined) return;
    const isEmpty = [texts, files, messages].every((part) => Object.keys(part).length === 0);
    const person = this.#person;
    stored(() =>
      isEmpty
        ? sessionStorage.removeItem(storageKey)
        : sessionStorage.setItem(storageKey, JSON.stringify({ person, kept: this.#kept })),
    );
  }
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string) {
  const { [key]: _, ...others } = record;
  return others;
}

/** `undefined`: it is of another version. */
function parsed(text: string): { readonly person: string; readonly kept: Kept } | undefined {
  return stored(() => {
    const { person, kept } = JSON.parse(text);
    const { texts, files, messages } = kept;
    return typeof person === 'string' && texts && files && messages ? { person, kept } : undefined;
  });
}
