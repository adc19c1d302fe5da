/** Decides whether a handshake becomes a socket, and of which kind ([WS1], [WS2], [WS6], [V1C1]–[V1C4]). */
import type { BaselineNamespace } from '../../../schema/event-table.ts';
import { type Outcome, type Refusal, refusal } from '../../../schema/refusal.ts';
import type { ValidationError } from '../../../schema/validation.ts';
import { callboardV1Subprotocol } from '../../../schema/wire/callboard-v1-frame.ts';
import type { ApiKeyGate } from '../http/api-key.ts';
import type { HttpExchange } from '../http/http-exchange.ts';
import type { OriginPolicy } from '../http/origin-policy.ts';
import { refusedEarly } from '../routes/rest.ts';
import { type FirstSubscription, firstSubscription } from '../stream/first-subscription.ts';

export type UpgradeRules = {
  readonly gate: ApiKeyGate;
  readonly origins: OriginPolicy;
  readonly closing: () => boolean;
  /** Returns true when the limit of open sockets is reached. */
  readonly full: () => boolean;
};

export type AcceptedUpgrade =
  | { readonly format: 'baseline'; readonly namespace: BaselineNamespace }
  | {
      readonly format: 'v1';
      readonly first: FirstSubscription | undefined;
      /** Whether the client may inspect, or why not. */
      readonly mayInspect: Outcome<unknown>;
    };

export type UpgradeOutcome =
  | { readonly ok: true; readonly value: AcceptedUpgrade }
  | { readonly ok: false; readonly refusal: Refusal; readonly errors?: readonly ValidationError[] };

/** `namespace` comes from the path; `undefined` on `/live`. */
export function acceptedUpgrade(
  namespace: BaselineNamespace | undefined,
  exchange: HttpExchange,
  rules: UpgradeRules,
): UpgradeOutcome {
  const early = refusedEarly(exchange, rules.closing()) ?? rules.origins.refusalOf(exchange, false);
  if (early !== undefined) return { ok: false, refusal: early };
  if (exchange.header('sec-websocket-version') !== '13') {
    return { ok: false, refusal: refusal('bad_request', 'The WebSocket version must be 13') };
  }
  const key = rules.gate(exchange);
  if (!key.ok) return key;
  if (rules.full()) return { ok: false, refusal: refusal('overloaded', 'Too many open sockets') };
  const offered = exchange.header('sec-websocket-protocol').split(',');
  if (offered.some((name) => name.trim() === callboardV1Subprotocol)) {
    const first = firstSubscription(namespace, exchange.query);
    if (!first.ok) return first;
    const mayInspect = rules.gate(exchange, 'inspect');
    return { ok: true, value: { format: 'v1', first: first.value, mayInspect } };
  }
  if (namespace === undefined) {
    return {
      ok: false,
      refusal: refusal('bad_request', `/live speaks the subprotocol ${callboardV1Subprotocol} alone`),
    };
  }
  return { ok: true, value: { format: 'baseline', namespace } };
}
