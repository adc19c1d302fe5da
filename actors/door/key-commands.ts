/**
 * Stored keys at the door: secrets are made here, and added to the answer of the command that they were made for. No event,
 * log line or kept answer has one; the journal has their digests.
 */
import { type KeyRing, keyDecision, withKey } from '../../machines/key-ring.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import type { KeyId } from '../../schema/ids.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { HeldKey, KeyCommand, KeyFact } from '../../schema/stored-key.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Ids } from '../ports.ts';
import type { KeyHost } from '../stored-keys.ts';
import type { Named } from './command-door.ts';
import type { KeyAnswer, KeyDoor } from './key-door.ts';
import type { Stamp } from './server-commands.ts';

export type KeyCommandsOptions = {
  readonly outbox: Pick<Outbox, 'accept'>;
  readonly ids: Ids;
  /** What is stored, in the order in which it was made. */
  readonly initial: readonly HeldKey[];
  /** Absent: this server keeps no keys. */
  readonly host: KeyHost | undefined;
  /** Lets `send` carry the command out, unless its client gave it before; resolves with its answer. */
  readonly run: (named: Named, send: (stamp: Stamp) => void) => Promise<Outcome<unknown>>;
};

export class KeyCommands implements KeyDoor {
  readonly #options: KeyCommandsOptions;
  #committed: KeyRing;
  /** With what waits to be committed. */
  #ring: KeyRing;

  constructor(options: KeyCommandsOptions) {
    this.#options = options;
    this.#committed = new Map(options.initial.map((held) => [held.fact.id, held]));
    this.#ring = this.#committed;
    options.host?.offer(options.initial);
  }

  readonly storedKeys = (): KeyRing => this.#committed;

  readonly createKey: KeyDoor['createKey'] = (key, by, named) =>
    this.#withSecret(named, (digest) => ({
      type: 'key.create',
      id: this.#options.ids.next<KeyId>(),
      key,
      digest,
      by,
    }));

  readonly rotateKey: KeyDoor['rotateKey'] = (id, { overlapSeconds }, by, named) =>
    this.#withSecret(named, (digest) => ({ type: 'key.rotate', id, digest, overlapSeconds, by }));

  readonly revokeKey: KeyDoor['revokeKey'] = async (id, by, named) => {
    if (this.#options.host === undefined) return noKeys;
    return await this.#run(named, () => ({ type: 'key.revoke', id, by }));
  };

  /** Call it with each event after its commit, before anybody is told of it. */
  committed(event: JournaledEvent): void {
    switch (event.type) {
      case 'key.created':
      case 'key.rotated':
      case 'key.revoked': {
        const { by: _, ...fact } = event.data;
        const { replaces, ...secrets } = event.record;
        const lastUsedAt = this.#committed.get(fact.id)?.lastUsedAt ?? null;
        const key = { fact, secrets, lastUsedAt };
        const forgotten = replaces === undefined ? undefined : this.#committed.get(replaces);
        this.#committed = withKey(this.#committed, key, replaces);
        this.#options.host?.changed(key, forgotten);
        return;
      }
      default:
        return;
    }
  }

  /** Goes back to what is committed, because the journal refused the newest change for good. */
  reset(): void {
    this.#ring = this.#committed;
  }

  async #withSecret(named: Named, commandOf: (digest: string) => KeyCommand): Promise<Outcome<KeyAnswer>> {
    const { host } = this.#options;
    if (host === undefined) return noKeys;
    let made: string | null = null;
    const outcome = await this.#run(named, () => {
      const { secret, digest } = host.newSecret();
      made = secret;
      return commandOf(digest);
    });
    // A repetition made none: its answer is that of the first.
    return outcome.ok ? accepted({ key: outcome.value, secret: made }) : outcome;
  }

  async #run(named: Named, commandOf: () => KeyCommand): Promise<Outcome<KeyFact>> {
    const outcome = await this.#options.run(named, (stamp) => this.#decide(commandOf(), stamp));
    // Only `#decide` answers.
    return outcome.ok ? accepted(outcome.value as KeyFact) : outcome;
  }

  #decide(command: KeyCommand, { commandId, at, idempotency }: Stamp): void {
    const { accept } = this.#options.outbox;
    const decision = keyDecision(this.#ring, command, at);
    if (!decision.ok) {
      accept({ type: 'command.refused', sessionId: null, commandId, refusal: decision.refusal });
      return;
    }
    const { key, told, replaces } = decision.value;
    const { fact, secrets } = key;
    if (told !== null) {
      this.#ring = withKey(this.#ring, key, replaces);
      const data = { ...fact, by: command.by.id };
      const record = { ...secrets, ...(replaces === undefined ? {} : { replaces }) };
      accept({ type: told, sessionId: null, at, commandId, data, record });
    }
    if (idempotency !== undefined) {
      const data = { ...idempotency, result: fact };
      accept({ type: 'command.completed', sessionId: null, at, commandId, data });
    }
    accept({ type: 'command.accepted', sessionId: null, commandId, result: fact });
  }
}

const noKeys = refused(refusal('bad_request', 'This server keeps no keys'));
