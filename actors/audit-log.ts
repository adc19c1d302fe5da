/** Takes what operators must be able to trace and no command tells by itself (SPEC AUD). */
import type { DomainEventOf } from '../schema/event-catalogue.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { Clock } from './ports.ts';

type AuditEvent = DomainEventOf<'token.created' | 'refusals.counted' | 'session.commanded'>;

export type AuditEntry = {
  [Type in AuditEvent['type']]: Pick<DomainEventOf<Type>, 'type' | 'data'>;
}[AuditEvent['type']];

export type AuditLog = {
  /** Journals the entry and tells operators of it; nobody waits for it. Never throws. */
  readonly record: (entry: AuditEntry) => void;
};

export function auditLog({
  outbox,
  clock,
}: {
  readonly outbox: Pick<Outbox, 'accept'>;
  readonly clock: Pick<Clock, 'now'>;
}): AuditLog {
  return { record: (entry) => outbox.accept({ ...entry, sessionId: null, at: clock.now() }) };
}
