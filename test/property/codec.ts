/** Properties of previews of any value, and of writing and reading frames (I9). */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { limits } from '../../schema/limits.ts';
import { preview } from '../../schema/preview.ts';
import { type RefusalCode, refusal, refusalTable } from '../../schema/refusal.ts';
import {
  callboardV1AckFrame,
  callboardV1DeltaFrames,
  callboardV1DurableFrame,
  callboardV1SnapshotFrame,
  decodeCallboardV1ClientFrame,
} from '../../schema/wire/callboard-v1-frame.ts';
import { decodeClientFrame, exceptionFrame, serverFrame } from '../../schema/wire/frame.ts';
import {
  frameBytes,
  type MeantFrame,
  meantFrame,
  messageId,
  sessionId,
  strangeBytes,
} from '../arbitraries/client-frames.ts';
import { type Odd, oddValue } from '../arbitraries/odd-values.ts';
import { anyText } from '../arbitraries/texts.ts';
import { namedProperty } from '../named-property.ts';

export const previewBounds = namedProperty<Odd>({
  name: 'preview-bounds',
  promises:
    'A preview of any value is at most 2,000 units and an ellipsis, well-formed, and never an exception.',
  rules: ['I9', 'TXT4'],
  runs: 2000,
  values: oddValue,
  open: () => ({
    check: ({ value }) => expectPreview(preview(value)),
    script: ({ value }) => [kindOf(value)],
  }),
});

/** Throws when the text is not a valid preview. */
export function expectPreview(text: string | null): void {
  if (text === null) return;
  const { previewUnitsMax: max } = limits;
  expect(text.isWellFormed(), 'half of a surrogate pair is left');
  expect(text.length <= max + 1, `${text.length} units are left`);
  expect(text.length <= max || text.endsWith('…'), 'what is cut does not say so');
  same(JSON.parse(serverFrame('tool.result', text)), { event: 'tool.result', data: text });
}

/** A value that cannot be printed may still be described by its kind. */
function kindOf(value: unknown): string {
  try {
    return `${typeof value} ${fc.stringify(value).slice(0, 300)}`;
  } catch {
    return typeof value;
  }
}

export const clientFramesRoundTrip = namedProperty<MeantFrame>({
  name: 'client-frames',
  promises: 'Whatever a client may say over callboard.v1 is read as it was meant.',
  rules: ['V1B1', 'V1B2', 'V1B4', 'FRM6'],
  runs: 500,
  values: meantFrame,
  open: () => ({
    check: (frame) => {
      const read = decodeCallboardV1ClientFrame(frameBytes(frame));
      if (!read.ok) throw new Error(`refused: ${read.refusal.message}`);
      // Neither the order of keys nor absent keys matter.
      same(JSON.parse(JSON.stringify(read.value)), JSON.parse(JSON.stringify(frame)));
      if (frame.event === 'message.send') same(decodeClientFrame(frameBytes(frame)), read);
    },
  }),
});

type Said = {
  readonly text: string;
  readonly data: fc.JsonValue;
  readonly number: number;
  readonly code: RefusalCode;
  readonly id: string | number;
};

export const serverFramesRoundTrip = namedProperty<Said>({
  name: 'server-frames',
  promises: 'Whatever the server says is one frame of valid JSON that says exactly that.',
  rules: ['WS4', 'V1A2', 'V1A3', 'V1A5', 'V1A6', 'FRM6'],
  runs: 500,
  values: fc.record({
    text: anyText,
    data: fc.jsonValue(),
    number: fc.nat(),
    code: fc.constantFrom(...(Object.keys(refusalTable) as RefusalCode[])),
    id: fc.oneof(fc.nat(), fc.string()),
  }),
  open: () => ({ check: expectSaid }),
});

function expectSaid({ text, data, number, code, id }: Said): void {
  const json: unknown = JSON.parse(JSON.stringify(data));
  same(JSON.parse(serverFrame(text, data)), { event: text, data: json });
  same(JSON.parse(callboardV1AckFrame(id, data)), { event: 'ack', id, data: json });
  const message = { id: messageId, sessionId, role: 'user' as const, content: text, createdAt: '' };
  const durable = callboardV1DurableFrame({ type: 'message.created', data: message }, number);
  same(JSON.parse(durable), { event: 'message.created', data: message, seq: number });
  const ids = { sessionId, messageId };
  same(JSON.parse(callboardV1DeltaFrames('message.delta', ids)(number, text)), {
    event: 'message.delta',
    data: { ...ids, offset: number, text },
  });
  const snapshot = callboardV1SnapshotFrame('message.partial', message);
  same(JSON.parse(snapshot), { event: 'message.partial', data: message, snapshot: true });
  const { retryable } = refusalTable[code];
  same(JSON.parse(exceptionFrame(refusal(code, text), id)), {
    event: 'exception',
    data: { status: 'error', code, message: text, ...(retryable ? { retryable } : {}), id },
  });
}

export const strangeFrames = namedProperty<Uint8Array>({
  name: 'strange-frames',
  promises: 'Whatever bytes come as a frame, they are read or refused with a reason, and nothing throws.',
  rules: ['FRM1', 'FRM2', 'FRM3', 'FRM4', 'FRM5', 'V1B6'],
  runs: 1000,
  values: strangeBytes,
  open: () => ({
    check: (bytes) => {
      for (const decode of [decodeClientFrame, decodeCallboardV1ClientFrame]) {
        const read = decode(bytes);
        expect(read.ok || read.refusal.message !== '', 'a refusal has no reason');
        if (!read.ok) JSON.parse(exceptionFrame(read.refusal, read.id));
      }
    },
    script: (bytes) => [JSON.stringify(Buffer.from(bytes).toString('latin1').slice(0, 1000))],
  }),
});

function expect(condition: boolean, statement: string): void {
  if (!condition) throw new Error(statement);
}

function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new Error(`${JSON.stringify(actual)} is not ${JSON.stringify(expected)}`);
  }
}
