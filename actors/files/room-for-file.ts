/**
 * Room for a file in what its owner may store ([LIM31]), taken piece by piece while it arrives, since nobody knows its size
 * before. Whoever repeats an upload that took effect needs none, and is answered as then.
 */
import type { SessionOwner } from '../../schema/authorization.ts';
import type { Refusal } from '../../schema/refusal.ts';
import type { Named } from '../door/command-door.ts';
import type { Release } from '../door/owner-counts.ts';
import type { StoredBytes } from '../door/stored-byte-limit.ts';
import type { ReadModel } from '../ports.ts';

export type RoomForFileOptions = {
  readonly bytes?: Pick<StoredBytes, 'isLimited' | 'admit' | 'refused'> | undefined;
  readonly readModel: Pick<ReadModel, 'completedCommand'>;
};

export class RoomForFile {
  readonly #options: RoomForFileOptions;
  readonly #owner: SessionOwner | undefined;
  readonly #named: Named;
  #taken: Release[] = [];
  #isRepeated = false;

  constructor(
    options: RoomForFileOptions,
    { owner, named }: { readonly owner: SessionOwner | undefined; readonly named: Named },
  ) {
    this.#options = options;
    this.#owner = owner;
    this.#named = named;
  }

  /** Why so many bytes more cannot be stored, or `null`: they can. */
  async refusalOf(bytes: number): Promise<Refusal | null> {
    const { bytes: limit } = this.#options;
    const owner = this.#owner;
    if (limit === undefined || owner === undefined || this.#isRepeated) return null;
    const room = await limit.admit(owner, bytes);
    if (room.ok) {
      this.#taken.push(room.value);
      return null;
    }
    this.#isRepeated = await this.#tookEffect();
    if (this.#isRepeated) return null;
    limit.refused(owner, room.refusal);
    return room.refusal;
  }

  /** Gives back what was taken: the file is counted as stored, or is not there. */
  release(): void {
    for (const release of this.#taken) release();
    this.#taken = [];
  }

  async #tookEffect(): Promise<boolean> {
    if (this.#named === undefined) return false;
    return (await this.#options.readModel.completedCommand(this.#named.key)) !== undefined;
  }
}
