/** Events of an answer, in any order, including events after its end. */
import fc from 'fast-check';
import type { AnswerEvent } from '../../machines/answer.ts';
import { anyInstant } from './instants.ts';
import { pieceText } from './texts.ts';

export const answerEvents: fc.Arbitrary<AnswerEvent[]> = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({ type: fc.constant('answer.text' as const), text: pieceText, at: anyInstant }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('answer.reasoning' as const),
        text: pieceText,
        at: anyInstant,
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('answer.checkpoint' as const), at: anyInstant }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('answer.end' as const), at: anyInstant }) },
  ),
  { maxLength: 40, size: 'max' },
);
