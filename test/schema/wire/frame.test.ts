/** Frames without a socket: their exact text, and that no input makes the reader throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { refusal } from '../../../schema/refusal.ts';
import { decodeClientFrame, exceptionFrame, serverFrame } from '../../../schema/wire/frame.ts';

const sessionId = '6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11';
const decode = (value: unknown) => decodeClientFrame(Buffer.from(JSON.stringify(value)));
const codeOf = (bytes: Uint8Array) => {
  const frame = decodeClientFrame(bytes);
  return frame.ok ? 'ok' : frame.refusal.code;
};

describe('server frames', () => {
  it('[WS4] have exactly the keys event and data', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (event, data) => {
        const frame: unknown = JSON.parse(serverFrame(event, data));
        expect(frame).toEqual(JSON.parse(JSON.stringify({ event, data })));
      }),
    );
    expect(serverFrame('e', undefined)).toBe('{"event":"e","data":null}');
  });

  it('[FRM6] exceptions repeat an id, and say when trying again can help', () => {
    expect(exceptionFrame(refusal('bad_json', 'm'))).toBe(
      '{"event":"exception","data":{"status":"error","code":"bad_json","message":"m"}}',
    );
    expect(JSON.parse(exceptionFrame(refusal('socket_busy', 'm'), 0))).toEqual({
      event: 'exception',
      data: { status: 'error', code: 'socket_busy', message: 'm', retryable: true, id: 0 },
    });
  });
});

describe('client frames', () => {
  it('are read with their defaults, and without what is unknown', () => {
    const data = { sessionId, message: { content: 'hi', more: 1 }, extra: true };
    expect(decode({ event: 'message.send', data, id: 'a', also: [] })).toMatchObject({
      ok: true,
      value: {
        event: 'message.send',
        data: { sessionId, message: { role: 'user', content: 'hi' } },
        id: 'a',
      },
    });
  });

  it('[FRM1] [FRM2] [FRM3] [FRM4] [FRM5] are refused with the code of what is wrong', () => {
    const text = (frame: string) => codeOf(Buffer.from(frame));
    expect(text('{')).toBe('bad_json');
    expect(text('\uFEFF{}')).toBe('bad_json');
    expect(codeOf(Uint8Array.of(0xc3))).toBe('bad_utf8');
    expect(text('7')).toBe('bad_frame');
    expect(text('{"event":{}}')).toBe('bad_frame');
    expect(text('{"event":"message.update"}')).toBe('unknown_event');
    expect(text('{"event":"message.send","data":[]}')).toBe('validation_failed');
  });

  it('[FRM1] [FRM2] [FRM3] [FRM4] [FRM5] say what is wrong, whole or in part', () => {
    const words = (frame: string | Uint8Array) => {
      const read = decodeClientFrame(Buffer.from(frame));
      return read.ok ? '' : read.refusal.message;
    };
    expect(words('{')).toBe('A frame must be valid JSON');
    expect(words(Uint8Array.of(0xc3))).toBe('A frame must be valid UTF-8');
    for (const text of ['7', 'null', '[]', '"x"']) {
      expect(words(text)).toBe('A frame must be a JSON object with "event" and "data"');
    }
    expect(words('{}')).toBe('"event" must be a string');
    expect(words('{"event":"x","id":{}}')).toBe(
      '"id" must be an integer or a string of at most 128 characters',
    );
    expect(words(`{"event":"${'e'.repeat(65)}"}`)).toBe(`Unknown event "${'e'.repeat(64)}"`);
    expect(words('{"event":"message.send","data":{"message":{}}}')).toBe(
      'sessionId must be a string; message.content must be a string',
    );
  });

  it('[FRM10] what is null where something may be absent counts as absent', () => {
    const message = { content: 'hi', name: null, toolCallId: 'call_1' };
    expect(decode({ event: 'message.send', data: { sessionId, message } })).toEqual({
      ok: true,
      value: {
        event: 'message.send',
        data: { sessionId, message: { role: 'user', content: 'hi', name: undefined, toolCallId: 'call_1' } },
      },
    });
  });

  it('[FRM6] takes integers and short texts as ids, and nothing else', () => {
    for (const id of ['', 'x'.repeat(128), 0, -1])
      expect(decode({ event: 'nope', id })).toMatchObject({ id });
    for (const id of [null, true, 1.5, [], {}, 'x'.repeat(129)]) {
      expect(decode({ event: 'nope', id })).toMatchObject({ ok: false, refusal: { code: 'bad_frame' } });
    }
  });

  it('[FRM5] counts characters', () => {
    const send = (content: string) =>
      decode({ event: 'message.send', data: { sessionId, message: { content } } });
    expect(send('🎭'.repeat(limits.messageCharactersLegalMax)).ok).toBe(true);
    expect(send('x'.repeat(limits.messageCharactersLegalMax + 1)).ok).toBe(false);
  });

  it('never make the reader throw, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeClientFrame(bytes).ok).toBe(false);
      }),
    );
    const near = fc.record(
      { event: fc.constantFrom('message.send', 'x'), data: fc.jsonValue(), id: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(near, (value) => {
        const frame = decode(value);
        if (!frame.ok) expect(frame.refusal.message).not.toBe('');
      }),
    );
  });
});
