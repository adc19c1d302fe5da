/** Parts of messages, in any order, with texts that are empty or next to each other, too. */
import fc from 'fast-check';
import type { FileId, ToolCallId } from '../../schema/ids.ts';
import type { MarkedPart, MessagePart } from '../../schema/message-part.ts';
import { idKinds, idOf } from './ids.ts';
import { anyText, pieceText } from './texts.ts';

const name = fc.string({ maxLength: 8 });
const nth = fc.nat(9);

/** One row for each type, so that the compiler demands one for a new type. */
const markedParts: {
  readonly [Type in MarkedPart['type']]: fc.Arbitrary<Extract<MarkedPart, { type: Type }>>;
} = {
  reasoning: fc.record(
    { type: fc.constant('reasoning' as const), text: pieceText, cut: fc.constant(true as const) },
    { requiredKeys: ['type', 'text'] },
  ),
  'tool-call': fc.record({
    type: fc.constant('tool-call' as const),
    callId: nth.map((count) => idOf<ToolCallId>(idKinds.call, count)),
    name,
  }),
  file: fc.record({
    type: fc.constant('file' as const),
    fileId: nth.map((count) => idOf<FileId>(9, count)),
    name,
    mediaType: fc.constantFrom('text/plain', 'image/png'),
    bytes: fc.nat(),
  }),
  source: fc.record(
    { type: fc.constant('source' as const), url: fc.webUrl(), title: name },
    { requiredKeys: ['type', 'url'] },
  ),
  data: fc.record({
    type: fc.constant('data' as const),
    name,
    data: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value))),
  }),
  step: fc.record({ type: fc.constant('step' as const), step: fc.integer({ min: 1, max: 20 }) }),
};

export const markedPart: fc.Arbitrary<MarkedPart> = fc.oneof(...Object.values(markedParts));

const textPart = fc.oneof(pieceText, anyText).map((text) => ({ type: 'text' as const, text }));

export const messageParts: fc.Arbitrary<MessagePart[]> = fc.array(fc.oneof(textPart, markedPart), {
  maxLength: 12,
});
