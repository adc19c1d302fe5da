/** The table of close codes and the grammar of topics. */
import { expect, it } from 'vitest';
import { closeCodes } from '../../../schema/wire/close-codes.ts';
import { topicOf, wireFormats } from '../../../schema/wire/topic.ts';
import { wireNamespaces } from '../../../schema/wire-event-table.ts';

it('[WS12] close codes are of the range for applications, each once, with a reason that fits into a frame', () => {
  const rows = Object.values(closeCodes);
  for (const { code, reason } of rows) {
    expect(code).toBeGreaterThanOrEqual(4000);
    expect(code).toBeLessThanOrEqual(4999);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  }
  expect(new Set(rows.map(({ code }) => code)).size).toBe(rows.length);
  // A client must survive a restart by itself: for codes below 4500 it reconnects.
  expect(closeCodes.serverShutdown.code).toBeLessThan(4500);
});

it('[WS4] every namespace has a topic of its own', () => {
  const topics = wireFormats.flatMap((format) =>
    wireNamespaces.map((namespace) => topicOf(format, namespace)),
  );
  expect(new Set(topics).size).toBe(wireFormats.length * wireNamespaces.length);
  expect(topics[0]).toBe('baseline/chat-sessions');
});
