/**
 * What one address and one principal may do: requests, commands, wrong credentials, open sockets ([LIM20]–[LIM24]).
 * Whoever calls a server without authentication is everybody at once, so `local` is counted by address alone.
 */
import type { Clock } from '../../../actors/ports.ts';
import { ownerKey } from '../../../schema/authorization.ts';
import { type LimitKind, limitRefusal } from '../../../schema/limit-kind.ts';
import { limits } from '../../../schema/limits.ts';
import { local, type Principal } from '../../../schema/principal.ts';
import type { Refusal } from '../../../schema/refusal.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type ClientAddress, networkOf, untoldProxy } from '../http/client-address.ts';
import type { LimitRefusals, RefusedClient } from './limit-refusals.ts';
import { Rate } from './rate.ts';

/** 0: no bound. */
export type ClientLimitSettings = {
  readonly addressRequestsPerMinuteMax: number;
  readonly principalRequestsPerMinuteMax: number;
  readonly principalCommandsPerMinuteMax: number;
  readonly addressFailedLoginsPerMinuteMax: number;
  readonly addressSocketsMax: number;
  readonly principalSocketsMax: number;
};

export const noClientLimits: ClientLimitSettings = {
  addressRequestsPerMinuteMax: 0,
  principalRequestsPerMinuteMax: 0,
  principalCommandsPerMinuteMax: 0,
  addressFailedLoginsPerMinuteMax: 0,
  addressSocketsMax: 0,
  principalSocketsMax: 0,
};

export type ClientLimitsOptions = {
  /** Those in force. */
  readonly settings: () => ClientLimitSettings;
  readonly refusals: Pick<LimitRefusals, 'refused'>;
  readonly clock: Pick<Clock, 'now'>;
};

export class ClientLimits {
  readonly #options: ClientLimitsOptions;
  readonly #addressRequests: Rate;
  readonly #failedLogins: Rate;
  readonly #principalRequests: Rate;
  readonly #principalCommands: Rate;
  readonly #addressSockets = new Map<ClientAddress, number>();
  readonly #principalSockets = new Map<string, number>();

  constructor(options: ClientLimitsOptions) {
    this.#options = options;
    const { clock } = options;
    this.#addressRequests = new Rate({ clock, widened: networkOf });
    this.#failedLogins = new Rate({ clock, widened: networkOf });
    this.#principalRequests = new Rate({ clock });
    this.#principalCommands = new Rate({ clock });
  }

  /** Counts a request before anything else is known of it. */
  requestRefusal(address: ClientAddress): Refusal | null {
    if (address === untoldProxy) return null;
    const { addressRequestsPerMinuteMax: max } = this.#options.settings();
    const wait = this.#addressRequests.take(address, max);
    if (wait === null) return null;
    const message = `More than ${max} requests in a minute came from your address`;
    return this.#refused('requests_per_address', { of: 'address', address }, message, wait);
  }

  /** Why credentials from this address are not looked at now, right or wrong. */
  loginRefusal(address: ClientAddress): Refusal | null {
    if (address === untoldProxy) return null;
    const { addressFailedLoginsPerMinuteMax: max } = this.#options.settings();
    const wait = this.#failedLogins.wait(address, max);
    if (wait === null) return null;
    const message = `${max} times in a minute wrong credentials came from your address`;
    return this.#refused('failed_logins', { of: 'address', address }, message, wait);
  }

  /** Counts credentials that were wrong, and tells of them as of what limits refuse. */
  loginFailed(address: ClientAddress): void {
    this.#options.refusals.refused('failed_logins', { of: 'address', address });
    this.#failedLogins.take(address, this.#options.settings().addressFailedLoginsPerMinuteMax);
  }

  /** Counts a request of whoever makes it. */
  principalRefusal(principal: Principal): Refusal | null {
    if (principal === local) return null;
    const { principalRequestsPerMinuteMax: max } = this.#options.settings();
    const wait = this.#principalRequests.take(principalKey(principal), max);
    if (wait === null) return null;
    const message = `You made more than ${max} requests in a minute`;
    return this.#refused('requests_per_principal', ofPrincipal(principal), message, wait);
  }

  /** Counts a command, over REST or a socket. */
  commandRefusal(principal: Principal): Refusal | null {
    if (principal === local) return null;
    const { principalCommandsPerMinuteMax: max } = this.#options.settings();
    const wait = this.#principalCommands.take(principalKey(principal), max);
    if (wait === null) return null;
    const message = `You gave more than ${max} commands in a minute`;
    return this.#refused('commands_per_principal', ofPrincipal(principal), message, wait);
  }

  /** Why one more socket or SSE stream may not be opened. */
  socketRefusal(principal: Principal, address: ClientAddress): Refusal | null {
    const { addressSocketsMax, principalSocketsMax } = this.#options.settings();
    const { gaugeRetryMs } = limits;
    const isLimited = addressSocketsMax > 0 && address !== untoldProxy;
    if (isLimited && (this.#addressSockets.get(address) ?? 0) >= addressSocketsMax) {
      const message = `${addressSocketsMax} connections of your address are open`;
      return this.#refused('sockets_per_address', { of: 'address', address }, message, gaugeRetryMs);
    }
    if (principal === local || principalSocketsMax === 0) return null;
    if ((this.#principalSockets.get(principalKey(principal)) ?? 0) < principalSocketsMax) return null;
    const message = `${principalSocketsMax} connections of yours are open`;
    return this.#refused('sockets_per_principal', ofPrincipal(principal), message, gaugeRetryMs);
  }

  /** Counts an open socket or SSE stream, until `socketClosed` is called with the same. */
  socketOpened(principal: Principal, address: ClientAddress): void {
    add(this.#addressSockets, address, 1);
    add(this.#principalSockets, principalKey(principal), 1);
  }

  socketClosed(principal: Principal, address: ClientAddress): void {
    add(this.#addressSockets, address, -1);
    add(this.#principalSockets, principalKey(principal), -1);
  }

  #refused(kind: LimitKind, client: RefusedClient, message: string, wait: Milliseconds): Refusal {
    this.#options.refusals.refused(kind, client);
    return limitRefusal(kind, message, wait);
  }
}

function principalKey({ id, tenant }: Principal): string {
  return ownerKey({ owner: id, tenant });
}

function ofPrincipal({ id, tenant }: Principal): RefusedClient {
  return { of: 'principal', principal: { owner: id, tenant } };
}

function add<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
