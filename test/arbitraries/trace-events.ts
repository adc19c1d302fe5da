/** Events of a trace, in any order. */
import fc from 'fast-check';
import type { TraceEvent, TraceInput } from '../../machines/trace.ts';
import type { SessionId, TraceId } from '../../schema/ids.ts';
import { idKinds, idOf } from './ids.ts';
import { anyInstant } from './instants.ts';
import { pieceText } from './texts.ts';

/** Zod leaves out a key `__proto__`, so a value that has one is not what it was after parsing. */
const anyJson = fc
  .jsonValue({ maxDepth: 1 })
  .filter((value) => !JSON.stringify(value).includes('"__proto__":'));
const metadata = fc.dictionary(fc.constantFrom('messageId', 'responseCount', 'more'), anyJson, {
  noNullPrototype: true,
}) as fc.Arbitrary<TraceInput['metadata']>;

export const traceInput: fc.Arbitrary<TraceInput> = fc.record({
  id: fc.constant(idOf<TraceId>(idKinds.trace, 1)),
  sessionId: fc.constantFrom(null, idOf<SessionId>(idKinds.session, 1)),
  name: pieceText,
  metadata,
  at: anyInstant,
  status: fc.constantFrom('pending' as const, 'running' as const),
  announced: fc.boolean(),
});

export const traceEvents: fc.Arbitrary<TraceEvent[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('trace.start' as const), at: anyInstant }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('trace.complete' as const), at: anyInstant, metadata }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant('trace.fail' as const), at: anyInstant, error: pieceText }),
    },
  ),
  { maxLength: 8 },
);
