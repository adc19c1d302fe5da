/** The table of close codes and the grammar of topics. */
import { expect, it } from 'vitest';
import { closeCodes } from '../../../schema/wire/close-codes.ts';
import { topicOf, wireFormats } from '../../../schema/wire/topic.ts';
import {
  deltaOf,
  isTextEventName,
  wireEventTable,
  wireNamespaces,
} from '../../../schema/wire-event-table.ts';

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
  // The compact form writes growing texts alone in another way, and has only their topic for itself.
  expect(new Set(topics).size).toBe((wireFormats.length - 1) * wireNamespaces.length + 1);
  expect(topics).toContain('compact/chat-messages');
  const texts = Object.keys(deltaOf).filter(isTextEventName);
  expect(texts.map((name) => wireEventTable[name].namespace)).toEqual(['chat-messages', 'chat-messages']);
  expect(topics[0]).toBe('baseline/chat-sessions');
});
