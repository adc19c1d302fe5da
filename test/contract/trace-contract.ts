/** The contract of the reads of traces and their spans (SPEC TRC), for every backend, including the fake. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { SessionId, SpanId, TraceId } from '../../schema/ids.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, newId, session, start, trace, traceSpan } from './sample-entries.ts';

export function traceContract(backend: JournalBackend): void {
  describe(`traces and spans: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());
    const append = (...batch: JournalEntry[]) => store.journal.append(batch);

    it('[TRC17] lists the spans of a trace in the order in which they were appended, in pages', async () => {
      const [one, other] = [newId<TraceId>(), newId<TraceId>()];
      await append(entry.trace('trace.created', trace(one, { origin: 'client' })));
      const spans = Array.from({ length: 7 }, (_, index) =>
        traceSpan(one, { name: `span ${index}`, attributes: { index, text: 'ü\n', flag: index % 2 === 0 } }),
      );
      await append(...spans.slice(0, 4).map(entry.span), entry.span(traceSpan(other)));
      await append(...spans.slice(4).map(entry.span));
      const { readModel } = store;
      expect(await readModel.spans(one, { limit: 100 })).toStrictEqual(spans);
      expect(await readModel.spans(one, { limit: 3, after: spans[1]?.id })).toStrictEqual(spans.slice(2, 5));
      expect(await readModel.spans(one, { limit: 3, after: newId<SpanId>() })).toEqual([]);
      expect(await readModel.spans(newId<TraceId>(), { limit: 3 })).toEqual([]);
      expect(await readModel.spanCount(one)).toBe(7);
      expect(await readModel.spanCount(newId<TraceId>())).toBe(0);
      const ids = [spans[5], spans[0]].flatMap((span) => span?.id ?? []);
      const found = await readModel.spansWith(one, [...ids, newId<SpanId>()]);
      expect(new Set(found)).toEqual(new Set([spans[0], spans[5]]));
      expect(await readModel.spansWith(one, [])).toEqual([]);
      expect(await readModel.trace(one)).toMatchObject({ origin: 'client' });
    });

    it('[TRC10] keeps a span as it was appended first', async () => {
      const id = newId<TraceId>();
      const span = traceSpan(id);
      await append(entry.span(span), entry.span({ ...span, name: 'again' }));
      await append(entry.span({ ...span, name: 'later' }));
      expect(await store.readModel.spans(id, { limit: 10 })).toStrictEqual([span]);
    });

    it('[TRC17] lists the traces of one session, newest first, in pages', async () => {
      const [sessionId, elsewhere] = [newId<SessionId>(), newId<SessionId>()];
      await append(entry.sessionCreated(session(sessionId)), entry.sessionCreated(session(elsewhere)));
      const made = Array.from({ length: 6 }, (_, index) => {
        const createdAt = isoTimestamp(start + Math.floor(index / 2));
        const owner = index % 3 === 2 ? elsewhere : sessionId;
        return trace(newId(), { sessionId: owner, createdAt });
      });
      await append(...made.map((one) => entry.trace('trace.created', one)));
      const own = made.filter((one) => one.sessionId === sessionId).reverse();
      const { readModel } = store;
      expect(await readModel.traces({ limit: 100 }, sessionId)).toStrictEqual(own);
      expect(await readModel.traces({ limit: 2, before: own[0]?.id }, sessionId)).toStrictEqual(
        own.slice(1, 3),
      );
      expect(await readModel.traces({ limit: 2, before: newId() }, sessionId)).toEqual([]);
      expect(await readModel.traces({ limit: 2 }, newId())).toEqual([]);
    });

    it('[TRC16] finds the traces that ended before a time, never one that runs, and purges them with their spans', async () => {
      const at = Date.UTC(2001, 0, 1);
      const ended = (status: 'completed' | 'failed' | 'running', after: number) =>
        trace(newId(), { status, createdAt: isoTimestamp(at), updatedAt: isoTimestamp(at + after) });
      const made = [ended('completed', 2), ended('failed', 1), ended('running', 0), ended('completed', 9)];
      const [first, second, running, late] = made.map(({ id }) => id);
      if (first === undefined || second === undefined || running === undefined || late === undefined) return;
      await append(...made.map((one) => entry.trace('trace.updated', one)));
      await append(entry.span(traceSpan(first)), entry.span(traceSpan(first)), entry.span(traceSpan(late)));
      const { readModel } = store;
      const found = await readModel.endedTraces({ before: at + 9, limit: 10 });
      expect(new Map(found.map(({ id, spans }) => [id, spans]))).toEqual(
        new Map([
          [first, 2],
          [second, 0],
        ]),
      );
      expect(await readModel.endedTraces({ before: at + 9, limit: 1 })).toHaveLength(1);
      // What comes in the same batch, before and behind, is purged and is there.
      const again = ended('completed', 20);
      await append(
        entry.span(traceSpan(second)),
        entry.tracesPurged(first, second),
        entry.trace('trace.created', { ...again, id: second }),
      );
      expect(await readModel.endedTraces({ before: at + 9, limit: 10 })).toEqual([]);
      expect(await readModel.trace(first)).toBeUndefined();
      expect(await readModel.trace(second)).toMatchObject({ id: second });
      expect(await readModel.spans(first, { limit: 10 })).toEqual([]);
      expect(await readModel.spans(second, { limit: 10 })).toEqual([]);
      expect(await readModel.spans(late, { limit: 10 })).toHaveLength(1);
    });
  });
}
