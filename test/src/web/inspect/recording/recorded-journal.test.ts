/**
 * The journal in a file. Goal: a part that cannot be read costs that part, and is told. Method: lines of a good journal
 * with others among them, drawn at random.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readRecordedJournal } from '../../../../../src/web/inspect/recording/recorded-journal.ts';

const good = (seq: number) =>
  JSON.stringify({ seq, event: { type: 'session.updated', at: 5, data: {} }, cause: '{}' });
const read = (parts: readonly string[], end: string | null) =>
  readRecordedJournal(parts, end, () => undefined);
const ended = (events: number) => JSON.stringify({ events, capped: false });

it('[INS14] leaves out what is broken or foreign, keeps the rest, and counts', async () => {
  const broken = fc.oneof(
    fc.constantFrom(
      '{',
      'null',
      '[]',
      '{"seq":1}',
      '{"seq":-1,"event":{"type":"session.updated","at":1}}',
      '{"seq":1,"event":{"type":"session.updated"}}',
      '{"seq":1,"event":{"type":"no.such.event","at":1}}',
      good(1).slice(0, 20),
    ),
    fc.string({ minLength: 1 }).filter((text) => !/\n/.test(text)),
  );
  const lines = fc.array(fc.oneof(fc.constant('good'), broken), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(lines, fc.nat(30), async (drawn, cut) => {
      let seq = 10;
      const all = drawn.map((line) => (line === 'good' ? good(seq++) : line));
      const parts = [all.slice(0, cut), all.slice(cut)].map((part) => `\n${part.join('\n')}\n`);
      const journal = await read(parts, ended(all.length));
      expect(journal.events.map((event) => event.seq)).toEqual(
        Array.from({ length: seq - 10 }, (_, index) => index + 10),
      );
      const count = all.length - (seq - 10);
      const said = count === 1 ? '1 event of this file' : `${count} events of this file`;
      if (count === 0) expect(journal.remarks).toEqual([]);
      else expect(journal.remarks).toEqual([expect.stringContaining(said)]);
    }),
  );
});

it('[INS14] says that a file was cut off, and that events are missing', async () => {
  expect((await read([good(1)], null)).remarks.join()).toContain('cut off');
  expect((await read([good(1), good(2).slice(0, 9)], '{"eve')).remarks).toHaveLength(2);
  expect((await read([good(1)], ended(3))).remarks).toEqual(['2 events of this file are missing.']);
  // Steps are found by their numbers, so an event that is out of order is none.
  const disordered = await read([[good(2), good(1), good(2), good(3)].join('\n')], ended(4));
  expect(disordered.events.map(({ seq }) => seq)).toEqual([2, 3]);
  expect(disordered.remarks.join()).toContain('2 events');
});

it('[INS14] lets the page draw while it reads', async () => {
  let pauses = 0;
  await readRecordedJournal([[good(1), good(2), good(3)].join('\n')], ended(3), async () => {
    pauses++;
  });
  expect(pauses).toBe(3);
});
