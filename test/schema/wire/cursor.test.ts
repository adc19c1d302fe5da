/** Cursors, topics and other short texts in frames. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isUuid } from '../../../schema/ids.ts';
import { accepted, refused, sessionNotFound, traceNotFound } from '../../../schema/refusal.ts';
import { assert, unreachable } from '../../../schema/unreachable.ts';
import { callboardV1Subprotocol } from '../../../schema/wire/callboard-v1-frame.ts';
import { cursorOf, cursorSchema, epochSchema, parsedCursor } from '../../../schema/wire/cursor.ts';
import { callboardV1TopicsOf, heartbeatTopic, sessionTopicOf, topicOf } from '../../../schema/wire/topic.ts';
import { sessionId } from '../../arbitraries/client-frames.ts';

const epoch = epochSchema.parse('6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11');

it('[V1A1] [V1B1] a cursor is read back as it was written', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.integer({ min: 0, max: 999_999_999_999_999 }), (id, seq) => {
      const cursor = { epoch: epochSchema.parse(id), seq };
      expect(parsedCursor(cursorOf(cursor))).toEqual(cursor);
      expect(cursorSchema.safeParse(cursorOf(cursor)).success).toBe(true);
    }),
  );
  expect(cursorOf({ epoch, seq: 42 })).toBe(`${epoch}:42`);
});

it.each([
  '',
  ':1',
  `${epoch}`,
  `${epoch}:`,
  `${epoch}:-1`,
  `${epoch}:1.5`,
  `${epoch}:x`,
  `${epoch}:${'9'.repeat(16)}`,
  ` ${epoch}:1`,
  `${epoch}:1 `,
  `x${epoch}:1`,
  `${epoch}:1\n`,
  `${'-'.repeat(36)}:1`,
  `${epoch.slice(1)}:1`,
])('[V1B6] %j is no cursor', (text) => {
  expect(parsedCursor(text)).toBeUndefined();
  const parsed = cursorSchema.safeParse(text);
  expect(parsed.error?.issues).toMatchObject([{ code: 'custom', params: { constraint: 'isCursor' } }]);
});

it('[V1B6] nothing is a cursor by what it begins or ends with, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }), (more) => {
      fc.pre(!/^\d+$/.test(more));
      expect(parsedCursor(`${epoch}:7${more}`)).toBeUndefined();
      expect(parsedCursor(`${more}${epoch}:7`)).toBeUndefined();
    }),
  );
});

it('[WS4] [V1A7] topics are named by format, namespace and session', () => {
  expect(topicOf('baseline', 'tools')).toBe('baseline/tools');
  expect(topicOf('v1', 'chat-sessions')).toBe('v1/chat-sessions');
  expect(sessionTopicOf('tools', sessionId)).toBe(`v1/tools/${sessionId}`);
  expect(callboardV1TopicsOf({ namespace: 'tools', sessionId, audiences: ['all'] })).toEqual([
    'v1/tools',
    `v1/tools/${sessionId}`,
  ]);
  expect(callboardV1TopicsOf({ namespace: 'config', sessionId: null, audiences: ['all'] })).toEqual([
    'v1/config',
  ]);
  expect(heartbeatTopic).toBe('v1/heartbeat');
  expect(callboardV1Subprotocol).toBe('callboard.v1');
});

it('[HTTP6] an id is a UUID of any version, the nil and max UUIDs included', () => {
  const nil = '00000000-0000-0000-0000-000000000000';
  expect([epoch, epoch.toUpperCase(), nil, nil.replaceAll('0', 'f')].map(isUuid)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['', 'x', `${epoch} `, epoch.replaceAll('-', ''), nil.slice(1)].some(isUuid)).toBe(false);
});

it('[HTTP4] outcomes and their words', () => {
  expect(accepted(7)).toEqual({ ok: true, value: 7 });
  const refusal = sessionNotFound('x');
  expect(refusal).toEqual({ code: 'not_found', message: 'Chat session x not found', retryable: false });
  expect(traceNotFound('x')).toEqual({ code: 'not_found', message: 'Trace x not found', retryable: false });
  expect(refused(refusal)).toEqual({ ok: false, refusal });
});

it('what cannot be is an error that says what it was', () => {
  expect(() => unreachable({ a: 1 } as never)).toThrow('unreachable: {"a":1}');
  expect(() => assert(false, 'a statement')).toThrow('assertion failed: a statement');
  expect(() => assert(true, 'a statement')).not.toThrow();
});
