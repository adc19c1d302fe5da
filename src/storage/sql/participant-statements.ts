/** Statements and reads of the table of participants. */
import { type Kysely, type Selectable, sql } from 'kysely';
import type { DomainEventOf } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { type Participant, type ParticipantId, participant } from '../../../schema/participant.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import { isoTimestamp, millisecondsOf } from '../../../schema/timestamp.ts';
import type { Projection, Row } from './projection.ts';
import { insertInto, replaced, sessionExists } from './row-statements.ts';
import type { RowsStatement } from './values-table.ts';

type ParticipantEvent = DomainEventOf<'participant.added' | 'participant.updated' | 'participant.removed'>;

/** A row that a batch removes and adds again is removed first, so that it comes last. */
export function projectParticipant(projection: Projection, { type, data }: ParticipantEvent): void {
  const key = `${data.sessionId} ${data.id}`;
  if (type === 'participant.removed') {
    projection.participants.delete(key);
    projection.removedParticipants.set(key, { session_id: data.sessionId, participant_id: data.id });
    return;
  }
  projection.participants.set(key, {
    session_id: data.sessionId,
    participant_id: data.id,
    name: data.name ?? null,
    role: data.role,
    created_at: millisecondsOf(data.createdAt),
    updated_at: millisecondsOf(data.updatedAt),
  });
}

export const writeParticipants: RowsStatement<Row<'participants'>> = {
  columns: {
    session_id: 'text',
    participant_id: 'text',
    name: 'text',
    role: 'text',
    created_at: 'number',
    updated_at: 'number',
  },
  build(values) {
    return sql`${insertInto('participants', this.columns, values)} where ${sessionExists(values)}
      order by ${values.ordinal} on conflict (session_id, participant_id) do update
      set ${replaced(this.columns, ['session_id', 'participant_id'])}`;
  },
};

export const removeParticipants: RowsStatement<{ session_id: SessionId; participant_id: ParticipantId }> = {
  columns: { session_id: 'text', participant_id: 'text' },
  build: (values) => sql`delete from participants where (session_id, participant_id) in
    (select ${values.column('session_id')}, ${values.column('participant_id')} from ${values.from})`,
};

/** In the order in which they were added. */
export async function readParticipants(
  db: Kysely<Tables>,
  session: SessionId,
): Promise<readonly Participant[]> {
  const rows = await db
    .selectFrom('participants')
    .selectAll()
    .where('session_id', '=', session)
    .orderBy('position')
    .limit(limits.participantsMax)
    .execute();
  return rows.map(participantOf);
}

function participantOf(row: Selectable<Tables['participants']>): Participant {
  return participant({
    sessionId: row.session_id,
    id: row.participant_id,
    name: row.name ?? undefined,
    role: row.role,
    createdAt: isoTimestamp(row.created_at),
    updatedAt: isoTimestamp(row.updated_at),
  });
}
