/** Traces and their spans (SPEC [JRN9], TRC). */
import type { Kysely } from 'kysely';
import type { Page } from '../../../actors/ports.ts';
import type { EndedTrace, SpanPage } from '../../../actors/trace-reads.ts';
import type { TraceAccess, Visibility } from '../../../schema/authorization.ts';
import type { SessionId, SpanId, TraceId } from '../../../schema/ids.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import type { Trace } from '../../../schema/trace.ts';
import type { TraceSpan } from '../../../schema/trace-span.ts';
import { spanOf, traceOf } from './stored-rows.ts';
import { fewVisibleRows, isVisibleTrace, visibleRows } from './visible-sessions.ts';

/** Newest first. */
export async function readTraces(
  db: Kysely<Tables>,
  page: Page<TraceId>,
  session: SessionId | undefined,
  visibleTo: Visibility | undefined,
): Promise<readonly Trace[]> {
  const named = { table: 'traces', as: 'traces' } as const;
  const visible =
    session === undefined ? await fewVisibleRows(db, named, visibleTo) : visibleRows(named, visibleTo);
  let query = db
    .selectFrom(visible.from)
    .selectAll()
    .where(visible.where)
    .orderBy('created_at', 'desc')
    .orderBy('position', 'desc')
    .limit(page.limit);
  if (session !== undefined) query = query.where('session_id', '=', session);
  if (page.before !== undefined) {
    const edge = await db
      .selectFrom('traces')
      .select(['created_at', 'position'])
      .where('id', '=', page.before)
      .where(isVisibleTrace('traces', visibleTo))
      .executeTakeFirst();
    if (edge === undefined) return [];
    query = query.where((eb) =>
      eb(eb.refTuple('created_at', 'position'), '<', eb.tuple(edge.created_at, edge.position)),
    );
  }
  return (await query.execute()).map(traceOf);
}

/** `undefined`: there is no such trace. */
export async function readTraceAccess(db: Kysely<Tables>, id: TraceId): Promise<TraceAccess | undefined> {
  const row = await db
    .selectFrom('traces')
    .select(['session_id', 'owner', 'tenant'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && { sessionId: row.session_id, owner: row.owner, tenant: row.tenant };
}

/** In the order in which they were appended. */
export async function readSpans(
  db: Kysely<Tables>,
  trace: TraceId,
  { limit, after }: SpanPage,
): Promise<readonly TraceSpan[]> {
  let query = db
    .selectFrom('trace_spans')
    .selectAll()
    .where('trace_id', '=', trace)
    .orderBy('position')
    .limit(limit);
  if (after !== undefined) {
    const edge = await db
      .selectFrom('trace_spans')
      .select('position')
      .where('trace_id', '=', trace)
      .where('id', '=', after)
      .executeTakeFirst();
    if (edge === undefined) return [];
    query = query.where('position', '>', edge.position);
  }
  return (await query.execute()).map(spanOf);
}

export async function readSpansWith(
  db: Kysely<Tables>,
  trace: TraceId,
  ids: readonly SpanId[],
): Promise<readonly TraceSpan[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('trace_spans')
    .selectAll()
    .where('trace_id', '=', trace)
    .where('id', 'in', ids)
    .execute();
  return rows.map(spanOf);
}

export async function countSpans(db: Kysely<Tables>, trace: TraceId): Promise<number> {
  const row = await db
    .selectFrom('trace_spans')
    .select((eb) => eb.fn.countAll<number>().as('spans'))
    .where('trace_id', '=', trace)
    .executeTakeFirstOrThrow();
  return Number(row.spans);
}

/** Those that ended first come first, of each status. */
export async function readEndedTraces(
  db: Kysely<Tables>,
  { before, limit }: { readonly before: Milliseconds; readonly limit: number },
): Promise<readonly EndedTrace[]> {
  const ended: EndedTrace[] = [];
  for (const status of ['completed', 'failed'] as const) {
    const rows = await db
      .selectFrom('traces')
      .select('id')
      .where('status', '=', status)
      .where('updated_at', '<', before)
      .orderBy('updated_at')
      .orderBy('position')
      .limit(limit - ended.length)
      .execute();
    for (const { id } of rows) ended.push({ id, spans: await countSpans(db, id) });
    if (ended.length >= limit) break;
  }
  return ended;
}
