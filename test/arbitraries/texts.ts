/** Texts: well-formed ones without NUL, as an engine actor passes them on, and any others. */
import fc from 'fast-check';
import { limits } from '../../schema/limits.ts';
import { storableText } from '../../schema/text.ts';

/** Any sequence of UTF-16 units: surrogates in any order, NUL included. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
      { weight: 2, arbitrary: fc.integer({ min: 0xd800, max: 0xdfff }) },
      { weight: 2, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    { maxLength: 24 },
  )
  .map((units) => String.fromCharCode(...units));

/** A piece of an answer; sometimes longer than a checkpoint, sometimes empty. */
export const pieceText: fc.Arbitrary<string> = fc.oneof(
  { weight: 20, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }).map(storableText) },
  { weight: 1, arbitrary: fc.constant('long '.repeat(Math.ceil(limits.checkpointUnitsMax / 5))) },
);
