/** JSON that a client might send: valid, nearly valid, and odd in every way that JSON allows. */
import fc from 'fast-check';
import { queuePolicies } from '../../../schema/create-message.ts';
import { limits } from '../../../schema/limits.ts';
import { callboardV1ClientEvents } from '../../../schema/wire/callboard-v1-frame.ts';
import { wireNamespaces } from '../../../schema/wire-event-table.ts';

/** A placeholder for the id of an existing session; the sender replaces it in the bytes. */
export const someSession = '5e551011-0000-4000-8000-000000000000';

const anyId = fc.oneof(
  { weight: 6, arbitrary: fc.constant(someSession) },
  fc.uuid(),
  fc.constantFrom('', 'x', '00000000-0000-0000-0000-000000000000', '../config', someSession.toUpperCase()),
);

const oddTexts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', '\0', '__proto__', '[[tokens=2 delay=0]]', '[[fail=500]]', '[[', '\ud800'),
  fc
    .constantFrom(limits.titleCharactersMax, limits.descriptionCharactersMax, limits.contentCharactersMax)
    .chain((max) => fc.integer({ min: max - 1, max: max + 1 }).map((length) => 'x'.repeat(length))),
);

const oddValue = fc.oneof(
  { weight: 3, arbitrary: oddTexts },
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(Number.MAX_VALUE, -0, 2 ** 53, null, true),
);

const soundText = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constant('[[tokens=2 delay=0]]'),
);

/** Valid bodies, as JSON. */
export const soundBodies = {
  session: fc.record({ title: soundText, description: soundText }).map((value) => JSON.stringify(value)),
  message: fc
    .record({ id: fc.uuid(), content: soundText }, { requiredKeys: ['content'] })
    .map((value) => JSON.stringify(value)),
  config: fc.record({ theme: fc.constantFrom('dark', 'light') }).map((value) => JSON.stringify(value)),
} as const;

/** Mostly of the expected shape, with some odd values. */
function nearly(shape: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<unknown> {
  return fc.record(
    Object.fromEntries(
      Object.entries({ ...shape, more: oddValue }).map(([key, right]) => [
        key,
        fc.oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: oddValue }),
      ]),
    ),
    { requiredKeys: [] },
  );
}

const part = nearly({
  type: fc.constantFrom('text', 'file', 'source', 'data', 'reasoning', 'step'),
  text: oddTexts,
  fileId: anyId,
  url: oddTexts,
  title: oddTexts,
  name: oddTexts,
  data: fc.jsonValue({ maxDepth: 4 }),
});

const parts = fc.oneof(
  fc.array(part, { maxLength: 3 }),
  fc.constant(Array.from({ length: limits.messagePartsMax + 1 }, () => ({ type: 'text', text: 'p' }))),
);

const message = nearly({
  parts,
  queue: fc.constantFrom(...queuePolicies, 'first'),
  id: fc.uuid(),
  role: fc.constantFrom('user', 'assistant', 'tool', 'system'),
  content: fc.oneof(fc.constant('[[tokens=2 delay=0]]'), oddTexts),
  name: oddTexts,
  toolCallId: oddTexts,
});

const body = fc.oneof(
  message,
  nearly({ title: oddTexts, description: oddTexts }),
  nearly({
    apiUrl: oddTexts,
    theme: fc.constantFrom('dark', 'light', 'neon'),
    features: fc.dictionary(oddTexts, fc.boolean(), { maxKeys: 4 }),
  }),
  nearly({ messageId: anyId, leafId: anyId, continue: fc.boolean(), options: fc.jsonValue({ maxDepth: 1 }) }),
);

const cursor = fc.oneof(
  fc.tuple(fc.uuid(), fc.nat()).map(([epoch, seq]) => `${epoch}:${seq}`),
  oddTexts,
);

const frame = nearly({
  event: fc.oneof(
    fc.constantFrom(...Object.keys(callboardV1ClientEvents)),
    fc.constantFrom('hello', 'ack', 'constructor', '__proto__', ''),
  ),
  data: fc.oneof(
    nearly({
      namespaces: fc.array(fc.constantFrom(...wireNamespaces), { maxLength: 8 }),
      sessionId: anyId,
      since: cursor,
    }),
    nearly({ sessionId: anyId, message }),
    nearly({ sessionId: anyId, messageId: anyId, leafId: anyId, content: oddTexts, parts }),
  ),
  id: fc.oneof(fc.nat(3), fc.string({ maxLength: 4 }), fc.constantFrom(-1, 2 ** 53, 1.5, 'x'.repeat(129))),
});

/** Text that is JSON, or resembles it. */
function jsonText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const text = value.map((one) => JSON.stringify(one) ?? '');
  return fc.oneof(
    { weight: 8, arbitrary: text },
    { weight: 1, arbitrary: fc.tuple(text, fc.nat(40)).map(([whole, cut]) => whole.slice(0, cut)) },
    { weight: 1, arbitrary: fc.tuple(text, text).map(([one, other]) => one + other) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 1, max: 20_000 }).map((deep) => '['.repeat(deep) + ']'.repeat(deep)),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '{"event":"ping","event":"subscribe","id":1,"id":2}',
        '{"__proto__":{"event":"ping"},"id":1}',
        '{"title":"\\ud800","description":"\\u0000"}',
        '\ufeff{}',
        '1e400',
        'NaN',
        '',
        ' ',
      ),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  );
}

export const bodyText = jsonText(body);
export const frameText = jsonText(frame);
export const cursorText = cursor;
