/** What is limited per principal, per owner of sessions and per address ([LIM20]–[LIM31]). Each kind is a code of refusals. */
import { type Refusal, type RefusalCode, refusal } from './refusal.ts';
import type { Milliseconds } from './timestamp.ts';

export const limitKinds = [
  'requests_per_address',
  'requests_per_principal',
  'commands_per_principal',
  'failed_logins',
  'sockets_per_address',
  'sockets_per_principal',
  'turns_running',
  'turns_waiting',
  'sessions_live',
  'sessions_stored',
  'bytes_stored',
  'tokens_per_day',
] as const satisfies readonly RefusalCode[];
export type LimitKind = (typeof limitKinds)[number];

/** `retryAfterMs`: when it may be tried again, at the earliest. */
export function limitRefusal(kind: LimitKind, message: string, retryAfterMs: Milliseconds): Refusal {
  return { ...refusal(kind, message), retryAfterMs };
}

export function isLimitKind(code: RefusalCode): code is LimitKind {
  return limitKinds.some((kind) => kind === code);
}
