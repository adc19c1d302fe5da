/**
 * How many bytes an owner may have in the store, in sessions and files together ([LIM31]). What is about to be stored counts,
 * so that uploads and messages that come at once do not pass the bound together. Answers that run are finished.
 */
import type { SessionOwner } from '../../schema/authorization.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import type { SessionId } from '../../schema/ids.ts';
import { isLimitKind, limitRefusal } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import { accepted, type Outcome, type Refusal, refused } from '../../schema/refusal.ts';
import { storedBytesOf } from '../../schema/stored-bytes.ts';
import type { ReadModel } from '../ports.ts';
import type { SessionOwners } from '../sessions/owner-limits.ts';
import { OwnerCounts, type Release } from './owner-counts.ts';
import { unreadable } from './server-commands.ts';
import type { StoreLimit } from './stored-session-limit.ts';

export type StoredBytesOptions = {
  readonly readModel: Pick<ReadModel, 'storedBytes' | 'sessionAccess'>;
  readonly owners?: Pick<SessionOwners, 'known'> | undefined;
  readonly storedByteLimit?: StoreLimit | undefined;
};

type MaybeLater<Value> = Value | Promise<Value>;

export class StoredBytes {
  readonly #options: StoredBytesOptions;
  readonly #counts: OwnerCounts;

  constructor(options: StoredBytesOptions) {
    this.#options = options;
    this.#counts = new OwnerCounts((owner) => options.readModel.storedBytes(owner));
  }

  isLimited(): boolean {
    return this.#max() > 0;
  }

  /** Whose the session is, whose bytes it takes; of an unknown one, nobody. Rejects with `JournalUnavailable`. */
  ownerOf(id: SessionId): MaybeLater<SessionOwner | undefined> {
    return this.#options.owners?.known(id) ?? this.#options.readModel.sessionAccess(id);
  }

  /** Lets the owner store so many bytes more, until the function is called that it returns; or says why not. Never rejects. */
  admit(owner: SessionOwner, bytes: number): MaybeLater<Outcome<Release>> {
    const max = this.#max();
    // Nobody's are not limited: there is nobody to tell.
    if (max === 0 || owner.owner === null) return accepted(() => {});
    const judge = (release: Release | null): Outcome<Release> => {
      if (release !== null) return accepted(release);
      const message = `Sessions and files of one owner may have ${max} bytes; delete some first`;
      return refused(limitRefusal('bytes_stored', message, limits.storedRetryMs));
    };
    const admitted = this.#counts.admit(owner, bytes, max);
    return admitted instanceof Promise ? admitted.then(judge, () => refused(unreadable)) : judge(admitted);
  }

  /** Counts a refusal that was passed on. */
  refused(owner: SessionOwner, { code }: Refusal): void {
    if (isLimitKind(code)) this.#options.storedByteLimit?.refused(code, owner);
  }

  /** Takes an event after its commit. */
  committed(event: JournaledEvent): void {
    switch (event.type) {
      case 'file.stored':
        if (event.record !== undefined) this.#counts.changed(event.record, event.data.bytes);
        return;
      case 'session.deleted':
        this.#counts.forget(this.#options.owners?.known(event.data.id));
        return;
      case 'file.deleted':
        // It does not say whose it was.
        this.#counts.forget();
        return;
      case 'session.created':
        if (event.record !== undefined) this.#counts.changed(event.record, storedBytesOf(event));
        return;
      case 'session.updated':
        // It was handed over, with what it holds.
        if (event.record !== undefined) this.#counts.forget();
        return;
      default:
        this.#add(event);
    }
  }

  #add(event: JournaledEvent): void {
    if (event.sessionId === null) return;
    if (!this.isLimited()) {
      this.#counts.forget();
      return;
    }
    const bytes = storedBytesOf(event);
    if (bytes === 0) return;
    const owner = this.#options.owners?.known(event.sessionId);
    if (owner === undefined) this.#counts.forget();
    else this.#counts.changed(owner, bytes);
  }

  #max(): number {
    return this.#options.storedByteLimit?.max() ?? 0;
  }
}
