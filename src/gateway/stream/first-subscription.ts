/** The subscription in the address of a `callboard.v1` connection ([V1C1]–[V1C3]). */

import { type Refusal, refusal } from '../../../schema/refusal.ts';
import { type ValidationError, validationErrors } from '../../../schema/validation.ts';
import { subscribeSchema } from '../../../schema/wire/callboard-v1-frame.ts';
import { type BaselineNamespace, baselineNamespaces } from '../../../schema/wire-event-table.ts';
import type { Selection } from './subscriptions.ts';

/** `since` is a valid cursor. */
export type FirstSubscription = { readonly selection: Selection; readonly since: string | undefined };

export type FirstSubscriptionOutcome =
  | { readonly ok: true; readonly value: FirstSubscription | undefined }
  | { readonly ok: false; readonly refusal: Refusal; readonly errors: readonly ValidationError[] };

/**
 * Reads `?namespaces=a,b&sessionId=…&agent=…&since=…`; `namespace` comes from the path, `undefined` on `/live`. On
 * `/live`, no parameter means no subscription, and `sessionId` or `since` alone mean every namespace that has a path.
 * Unknown parameters are ignored; a repeated one is refused.
 */
export function firstSubscription(
  namespace: BaselineNamespace | undefined,
  query: URLSearchParams,
): FirstSubscriptionOutcome {
  const one = (name: string): string | string[] | undefined => {
    const values = query.getAll(name);
    return values.length > 1 ? values : values[0];
  };
  const names = namespace ?? one('namespaces');
  const sessionId = one('sessionId');
  const agent = one('agent');
  const since = one('since');
  if ([names, sessionId, agent, since].every((given) => given === undefined))
    return { ok: true, value: undefined };
  const namespaces = typeof names === 'string' ? names.split(',') : (names ?? baselineNamespaces);
  const parsed = subscribeSchema.safeParse({ namespaces, sessionId, agent, since });
  if (!parsed.success) {
    const errors = validationErrors(parsed.error);
    return { ok: false, refusal: refusal('validation_failed', 'Validation failed'), errors };
  }
  const { since: cursor, ...selection } = parsed.data;
  return { ok: true, value: { selection, since: cursor } };
}
