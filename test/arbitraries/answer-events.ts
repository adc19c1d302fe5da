/** Events of an answer, in any order, including events after its end. */
import fc from 'fast-check';
import type { AnswerEnd, AnswerEvent } from '../../machines/answer.ts';
import { messageStatuses } from '../../schema/chat-message.ts';
import type { FileId, ToolCallId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { FilePart } from '../../schema/message-part.ts';
import { finishReasons } from '../../schema/model-usage.ts';
import { idKinds, idOf } from './ids.ts';
import { anyInstant } from './instants.ts';
import { pieceText } from './texts.ts';

const at = anyInstant;

/** Sometimes so long that not all of an answer's reasoning can be kept. */
const reasoningText = fc.oneof(
  { weight: 30, arbitrary: pieceText },
  { weight: 1, arbitrary: fc.constant('think '.repeat(Math.ceil(limits.reasoningUnitsMax / 12))) },
);

const endStatuses = messageStatuses.filter((status) => status !== 'streaming');

export const answerEnd: fc.Arbitrary<AnswerEnd> = fc.record(
  {
    status: fc.constantFrom(...endStatuses),
    finishReason: fc.constantFrom(...finishReasons),
    model: fc.constant('m-1'),
    usage: fc.record({ inputTokens: fc.nat(100), outputTokens: fc.nat(100) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['status'] },
);

const filePart: fc.Arbitrary<FilePart> = fc.nat(9).map((count) => ({
  ...{ type: 'file' as const, fileId: idOf<FileId>(idKinds.file, count), name: `f${count}` },
  ...{ mediaType: 'image/png', bytes: count },
}));

/** One row for each type of event, so that the compiler demands one for a new type. */
export const answerEventKinds: { readonly [Type in AnswerEvent['type']]: fc.Arbitrary<AnswerEvent> } = {
  'answer.text': fc.record({ type: fc.constant('answer.text' as const), text: pieceText, at }),
  'answer.reasoning': fc.record({ type: fc.constant('answer.reasoning' as const), text: reasoningText, at }),
  'answer.calls': fc.record({
    type: fc.constant('answer.calls' as const),
    calls: fc
      .uniqueArray(fc.nat(30), { maxLength: 3 })
      .map((all) => all.map((nth) => ({ id: idOf<ToolCallId>(idKinds.call, nth), name: 'clock' }))),
    at,
  }),
  'answer.files': fc.record({
    type: fc.constant('answer.files' as const),
    files: fc.array(filePart, { maxLength: 2 }),
    at,
  }),
  'answer.step': fc.record({ type: fc.constant('answer.step' as const), at }),
  'answer.checkpoint': fc.record({ type: fc.constant('answer.checkpoint' as const), at }),
  'answer.resume': fc.record({ type: fc.constant('answer.resume' as const), at }),
  'answer.reopen': fc.record({ type: fc.constant('answer.reopen' as const), at }),
  'answer.end': fc
    .tuple(answerEnd, at)
    .map(([end, time]) => ({ type: 'answer.end' as const, at: time, ...end })),
};

const weights: Partial<Readonly<Record<AnswerEvent['type'], number>>> = {
  'answer.text': 10,
  'answer.reasoning': 4,
  'answer.checkpoint': 3,
  'answer.calls': 2,
};

function anyOf(types: readonly AnswerEvent['type'][], maxLength: number): fc.Arbitrary<AnswerEvent[]> {
  const words = types.map((type) => ({ weight: weights[type] ?? 1, arbitrary: answerEventKinds[type] }));
  return fc.array(fc.oneof(...words), { maxLength, size: 'max' });
}

/** What a turn sends to an answer of its own. */
export const answerEvents = anyOf(
  [
    'answer.text',
    'answer.reasoning',
    'answer.calls',
    'answer.files',
    'answer.step',
    'answer.checkpoint',
    'answer.end',
  ],
  40,
);

/** What comes between the beginning of an answer and its end. */
export const openAnswerEvents = anyOf(
  ['answer.text', 'answer.reasoning', 'answer.calls', 'answer.files', 'answer.step', 'answer.checkpoint'],
  30,
);
