/**
 * What limits have refused: counted by kind, and told once a minute in one line for each kind and client, with its count,
 * so that strangers can fill neither the log nor whatever else is told ([LIM29]).
 */
import type { Clock, Log } from '../../../actors/ports.ts';
import type { SessionOwner } from '../../../schema/authorization.ts';
import { type LimitKind, limitKinds } from '../../../schema/limit-kind.ts';
import { limits } from '../../../schema/limits.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { ClientAddress } from '../http/client-address.ts';

/** Who was refused; `others`: clients that were too many to be told apart. */
export type RefusedClient =
  | { readonly of: 'address'; readonly address: ClientAddress }
  | { readonly of: 'principal'; readonly principal: SessionOwner }
  | { readonly of: 'others' };

export type RefusedByLimit = {
  readonly kind: LimitKind;
  readonly client: RefusedClient;
  /** How many refusals since the last line. */
  readonly count: number;
  /** When the first of them was. */
  readonly since: Milliseconds;
};

/** How many refusals there were since the start. */
export type LimitCounters = { readonly refusedByLimit: () => Readonly<Record<LimitKind, number>> };

export class LimitRefusals implements LimitCounters {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  readonly #linesMax: number;
  readonly #counts = new Map<LimitKind, number>();
  readonly #listeners = new Set<(line: RefusedByLimit) => void>();
  #lines = new Map<string, { kind: LimitKind; client: RefusedClient; count: number; since: Milliseconds }>();
  #cancel: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'now' | 'after'>, linesMax: number = limits.refusalLinesMax) {
    this.#clock = clock;
    this.#linesMax = linesMax;
  }

  readonly refusedByLimit = (): Readonly<Record<LimitKind, number>> => {
    const entries = limitKinds.map((kind) => [kind, this.#counts.get(kind) ?? 0] as const);
    return Object.fromEntries(entries) as Record<LimitKind, number>;
  };

  /** `listener` is told each line; it must not throw. */
  onLine(listener: (line: RefusedByLimit) => void): void {
    this.#listeners.add(listener);
  }

  refused(kind: LimitKind, client: RefusedClient): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const key = lineKey(kind, client);
    const known = this.#lines.get(key);
    if (known !== undefined) known.count++;
    else if (this.#lines.size < this.#linesMax) this.#lines.set(key, this.#line(kind, client));
    else if (client.of !== 'others') this.#refusedOthers(kind);
    this.#cancel ??= this.#clock.after(limits.refusalLinesMs, () => this.tell());
  }

  /** Tells what has been refused since the last time. */
  tell(): void {
    this.#cancel?.();
    this.#cancel = null;
    const lines = this.#lines;
    this.#lines = new Map();
    for (const line of lines.values()) for (const listener of this.#listeners) listener(line);
  }

  #line(kind: LimitKind, client: RefusedClient) {
    return { kind, client, count: 1, since: this.#clock.now() };
  }

  /** One line for each kind, beyond the bound. */
  #refusedOthers(kind: LimitKind): void {
    const client = { of: 'others' } as const;
    const key = lineKey(kind, client);
    const known = this.#lines.get(key);
    if (known === undefined) this.#lines.set(key, this.#line(kind, client));
    else known.count++;
  }
}

/** Logs each line. */
export function loggedRefusals(log: Pick<Log, 'warn'>): (line: RefusedByLimit) => void {
  return ({ kind, client, count }) => log.warn('a client was refused', { kind, ...client, count });
}

function lineKey(kind: LimitKind, client: RefusedClient): string {
  switch (client.of) {
    case 'address':
      return `${kind} address ${client.address}`;
    case 'principal':
      return `${kind} principal ${JSON.stringify([client.principal.tenant, client.principal.owner])}`;
    case 'others':
      return `${kind} others`;
    default:
      return unreachable(client);
  }
}
