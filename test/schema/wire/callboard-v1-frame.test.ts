/** Frames of `callboard.v1` without a socket: written frames can be read, and no input makes the reader throw. */
import { expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import {
  callboardV1AckFrame,
  callboardV1DeltaFrames,
  callboardV1SnapshotFrame,
  decodeCallboardV1ClientFrame,
} from '../../../schema/wire/callboard-v1-frame.ts';
import { inspectFrame } from '../../../schema/wire/inspect-frame.ts';
import { wireNamespaces } from '../../../schema/wire-event-table.ts';
import { frameBytes, messageId, sessionId } from '../../arbitraries/client-frames.ts';
import { passes } from '../../named-property.ts';
import { clientFramesRoundTrip, serverFramesRoundTrip, strangeFrames } from '../../property/codec.ts';

it('[V1B1] [V1B2] [V1B4] [FRM10] whatever a client may say is read as it was meant', async () => {
  await passes(clientFramesRoundTrip);
});

it('[V1A2] [V1A3] [V1A5] [V1A6] whatever the server says is one frame of JSON that says it', async () => {
  await passes(serverFramesRoundTrip);
});

it('[V1B5] [V1B6] whatever bytes come in, they are read or refused with a reason, in both formats', async () => {
  await passes(strangeFrames);
});

it.each([
  ['{', 'bad_json'],
  ['\uFEFF{}', 'bad_json'],
  ['7', 'bad_frame'],
  ['null', 'bad_frame'],
  ['[]', 'bad_frame'],
  ['{"event":1}', 'bad_frame'],
  ['{"event":"ping","id":1.5}', 'bad_frame'],
  ['{"event":"ping","id":null}', 'bad_frame'],
  ['{"event":"hum"}', 'unknown_event'],
  ['{"event":"constructor"}', 'unknown_event'],
  ['{"event":"subscribe"}', 'validation_failed'],
  ['{"event":"subscribe","data":null}', 'validation_failed'],
  ['{"event":"unsubscribe","data":null}', 'validation_failed'],
  ['{"event":"subscribe","data":{"namespaces":[]}}', 'validation_failed'],
  ['{"event":"subscribe","data":{"namespaces":["turn-journal"]}}', 'validation_failed'],
  [
    '{"event":"subscribe","data":{"namespaces":["turns"],"agent":"a","sessionId":"00000000-0000-4000-8000-000000000000"}}',
    'validation_failed',
  ],
  ['{"event":"subscribe","data":{"namespaces":["turns"],"agent":""}}', 'validation_failed'],
  ['{"event":"subscribe","data":{"namespaces":["tools"],"since":"x:1"}}', 'validation_failed'],
  ['{"event":"unsubscribe","data":{"namespaces":"tools"}}', 'validation_failed'],
  ['{"event":"message.send","data":{}}', 'validation_failed'],
  ['{"event":"turn.cancel","data":{"sessionId":"x"}}', 'validation_failed'],
])('[V1B6] %s is refused: %s', (text, code) => {
  expect(decodeCallboardV1ClientFrame(Buffer.from(text))).toMatchObject({ ok: false, refusal: { code } });
});

it('[V1B6] [FRM6] a refusal names the frame by its id, and says everything that is wrong with it', () => {
  const refused = decodeCallboardV1ClientFrame(
    frameBytes({ event: 'turn.cancel', data: { messageId: 1 }, id: 'a' }),
  );
  expect(refused).toMatchObject({ ok: false, id: 'a' });
  expect(refused.ok ? '' : refused.refusal.message).toBe(
    'sessionId must be a string; messageId must be a string',
  );
  const unknown = decodeCallboardV1ClientFrame(frameBytes({ event: 'e'.repeat(70), id: 7 }));
  expect(unknown).toMatchObject({
    ok: false,
    id: 7,
    refusal: { message: `Unknown event "${'e'.repeat(64)}"` },
  });
});

it('[V1A3] [V1A5] [V1A6] frames have exactly the keys that they are said to have, in this order', () => {
  const delta = { sessionId, messageId, offset: 3, text: 'x' };
  expect(callboardV1DeltaFrames('message.delta', delta)(delta.offset, delta.text)).toBe(
    `{"event":"message.delta","data":${JSON.stringify(delta)}}`,
  );
  expect(callboardV1SnapshotFrame('agent.activity', { a: 1 })).toBe(
    '{"event":"agent.activity","data":{"a":1},"snapshot":true}',
  );
  expect(callboardV1AckFrame('a', undefined)).toBe('{"event":"ack","id":"a","data":null}');
  expect(callboardV1AckFrame(1, {})).toBe('{"event":"ack","id":1,"data":{}}');
});

it('[V1B1] a subscription names each namespace at most once over', () => {
  const subscribe = (count: number) =>
    decodeCallboardV1ClientFrame(
      frameBytes({ event: 'subscribe', data: { namespaces: Array.from({ length: count }, () => 'tools') } }),
    ).ok;
  const all = wireNamespaces.length;
  expect([0, 1, all, all + 1].map(subscribe)).toEqual([false, true, true, false]);
  expect(limits.subscriptionsMax).toBeGreaterThan(all);
});

it.each(['subscribe', 'unsubscribe'] as const)(
  '[INS2] %s to the live tree is a frame of its own',
  (event) => {
    const read = (namespaces: unknown) =>
      decodeCallboardV1ClientFrame(frameBytes({ event, data: { namespaces }, id: 7 }));
    expect(read(['inspect'])).toEqual({
      ok: true,
      value: { event: `inspect.${event}`, data: { namespaces: ['inspect'] }, id: 7 },
    });
    for (const namespaces of [['inspect', 'tools'], ['inspect', 'inspect'], [], 'inspect', null]) {
      expect(read(namespaces)).toMatchObject({ ok: false, id: 7, refusal: { code: 'validation_failed' } });
    }
  },
);

it('[INS2] a frame of the live tree carries what was encoded before', () => {
  expect(inspectFrame('inspect.changes', '{"at":1}')).toBe('{"event":"inspect.changes","data":{"at":1}}');
});
