/** Decides whether a handshake becomes a socket, and of which kind ([WS1], [WS2], [WS6], [V1C1]–[V1C4]). */

import { type Outcome, type Refusal, refusal } from '../../../schema/refusal.ts';
import type { ValidationError } from '../../../schema/validation.ts';
import { callboardV1Subprotocol, compactSubprotocol } from '../../../schema/wire/callboard-v1-frame.ts';
import type { CallboardV1Form } from '../../../schema/wire/topic.ts';
import type { BaselineNamespace } from '../../../schema/wire-event-table.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import type { ClientLimits } from '../limits/client-limits.ts';
import type { LimitedAuthenticator } from '../limits/limited-logins.ts';
import { refusedEarly } from '../routes/rest.ts';
import { type FirstSubscription, firstSubscription } from '../stream/first-subscription.ts';

export type UpgradeRules = {
  readonly authenticator: LimitedAuthenticator;
  readonly clientLimits: Pick<ClientLimits, 'requestRefusal' | 'socketRefusal'>;
  readonly origins: OriginPolicy;
  readonly closing: () => boolean;
  /** Returns true when the limit of open sockets is reached. */
  readonly full: () => boolean;
};

export type AcceptedUpgrade = { readonly by: Authentication } & (
  | { readonly format: 'baseline'; readonly namespace: BaselineNamespace }
  | { readonly format: CallboardV1Form; readonly first: FirstSubscription | undefined }
);

export type UpgradeOutcome =
  | { readonly ok: true; readonly value: AcceptedUpgrade }
  | { readonly ok: false; readonly refusal: Refusal; readonly errors?: readonly ValidationError[] };

/** `namespace` comes from the path; `undefined` on `/live`. Never rejects. */
export function acceptedUpgrade(
  namespace: BaselineNamespace | undefined,
  exchange: HttpExchange,
  rules: UpgradeRules,
): UpgradeOutcome | Promise<UpgradeOutcome> {
  const early =
    refusedEarly(exchange, rules.closing()) ??
    rules.clientLimits.requestRefusal(exchange.address) ??
    rules.origins.refusalOf(exchange, false);
  if (early !== undefined) return { ok: false, refusal: early };
  if (exchange.header('sec-websocket-version') !== '13') {
    return { ok: false, refusal: refusal('bad_request', 'The WebSocket version must be 13') };
  }
  const known = rules.authenticator.authenticate(exchange);
  return known instanceof Promise
    ? known.then((outcome) => upgradeBy(outcome, namespace, exchange, rules))
    : upgradeBy(known, namespace, exchange, rules);
}

function upgradeBy(
  known: Outcome<Authentication>,
  namespace: BaselineNamespace | undefined,
  exchange: HttpExchange,
  rules: UpgradeRules,
): UpgradeOutcome {
  if (!known.ok) return known;
  const by = known.value;
  if (rules.closing()) return { ok: false, refusal: refusal('shutting_down', 'Server is shutting down') };
  const tooMany = rules.clientLimits.socketRefusal(by.principal, exchange.address);
  if (tooMany !== null) return { ok: false, refusal: tooMany };
  if (rules.full()) return { ok: false, refusal: refusal('overloaded', 'Too many open sockets') };
  const form = offeredForm(exchange.header('sec-websocket-protocol'));
  if (form !== undefined) {
    const first = firstSubscription(namespace, exchange.query);
    if (!first.ok) return first;
    return { ok: true, value: { format: form, by, first: first.value } };
  }
  if (namespace === undefined) {
    return {
      ok: false,
      refusal: refusal(
        'bad_request',
        `/live speaks the subprotocols ${callboardV1Subprotocol} and ${compactSubprotocol} alone`,
      ),
    };
  }
  return { ok: true, value: { format: 'baseline', by, namespace } };
}

/** The form of `callboard.v1` that is spoken with who offers these subprotocols ([V1F1]); `undefined`: it offers neither. */
function offeredForm(protocols: string): CallboardV1Form | undefined {
  const offered = new Set(protocols.split(',').map((name) => name.trim()));
  if (offered.has(compactSubprotocol)) return 'compact';
  return offered.has(callboardV1Subprotocol) ? 'v1' : undefined;
}
