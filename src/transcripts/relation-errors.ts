/** Whether the messages, turns and calls of a transcript fit together. Each is sound by itself already. */
import { startsTurn } from '../../schema/chat-message.ts';
import type { MessageId, ToolCallId, TurnId } from '../../schema/ids.ts';
import type { Transcript, TranscriptMessage, TranscriptTurn } from '../../schema/transcript.ts';
import type { ValidationError } from '../../schema/validation.ts';

export type Related = Pick<Transcript, 'leafId' | 'messages' | 'turns' | 'calls'>;

/** Lazy, so that whoever wants only some does not pay for all. */
export function* relationErrors({ leafId, messages, turns, calls }: Related): Generator<ValidationError> {
  const known = new Map<MessageId, TranscriptMessage>();
  for (const [index, message] of messages.entries()) {
    const at = `messages.${index}`;
    if (known.has(message.id)) yield wrong(`${at}.id`, 'isUnique', 'is the id of another message, too');
    yield* placeErrors(at, message, known);
    known.set(message.id, message);
  }
  if (leafId === null ? messages.length > 0 : !known.has(leafId)) {
    yield wrong('leafId', 'isKnown', 'is no message of the transcript');
  }
  const answers = new Map<TurnId, MessageId>();
  yield* turnErrors(turns, known, answers);
  const callers = new Map<ToolCallId, MessageId | undefined>();
  for (const [index, { id, turnId }] of calls.entries()) {
    const at = `calls.${index}`;
    if (callers.has(id)) yield wrong(`${at}.id`, 'isUnique', 'is the id of another call, too');
    if (!answers.has(turnId)) yield wrong(`${at}.turnId`, 'isKnown', 'is no turn of the transcript');
    callers.set(id, answers.get(turnId));
  }
  for (const [index, { id, parts }] of messages.entries()) {
    for (const [place, part] of parts.entries()) {
      if (part.type === 'tool-call' && callers.get(part.callId) !== id) {
        yield wrong(
          `messages.${index}.parts.${place}.callId`,
          'isKnown',
          'is no call of a turn that gave this answer',
        );
      }
    }
  }
}

function* placeErrors(
  at: string,
  { id, role, status, parentId, promptId }: TranscriptMessage,
  known: ReadonlyMap<MessageId, TranscriptMessage>,
): Generator<ValidationError> {
  if (parentId === id) yield wrong(`${at}.parentId`, 'isBefore', 'is the message itself');
  else if (parentId !== null && !known.has(parentId)) {
    yield wrong(`${at}.parentId`, 'isBefore', 'is no message that comes before this one');
  }
  if (promptId === undefined) {
    if (status !== 'complete')
      yield wrong(`${at}.status`, 'isComplete', 'must be complete, since it is no answer');
    return;
  }
  // What an agent pushed answers nothing: its question is itself.
  if (promptId === id) {
    if (role !== 'assistant') yield wrong(`${at}.role`, 'isAssistant', 'of an answer must be assistant');
    return;
  }
  if (promptId !== parentId) yield wrong(`${at}.promptId`, 'isParent', 'must be the same as parentId');
  if (role !== 'assistant') yield wrong(`${at}.role`, 'isAssistant', 'of an answer must be assistant');
  const prompt = known.get(promptId);
  if (prompt !== undefined && !startsTurn(prompt.role)) {
    yield wrong(`${at}.promptId`, 'isQuestion', 'is a message that gets no answers');
  }
}

function* turnErrors(
  turns: readonly TranscriptTurn[],
  known: ReadonlyMap<MessageId, TranscriptMessage>,
  answers: Map<TurnId, MessageId>,
): Generator<ValidationError> {
  const traces = new Set<string>();
  const promptOf = new Map<MessageId, MessageId>();
  const begun = new Map<MessageId, number>();
  for (const [index, turn] of turns.entries()) {
    const { turnId, promptId, answerId, traceId, trace, continuesAt = 0, steps } = turn;
    const at = `turns.${index}`;
    if (answers.has(turnId)) yield wrong(`${at}.turnId`, 'isUnique', 'is the id of another turn, too');
    if (traces.has(traceId)) yield wrong(`${at}.traceId`, 'isUnique', 'is that of another turn, too');
    if (trace !== undefined && trace.id !== traceId) {
      yield wrong(`${at}.trace.id`, 'isTraceId', 'must be the same as traceId');
    }
    const prompt = known.get(promptId);
    if (promptId === answerId) {
      if (prompt !== undefined && prompt.promptId !== promptId) {
        yield wrong(`${at}.answerId`, 'isAnswer', 'is a message that does not answer promptId');
      }
    } else if (prompt === undefined)
      yield wrong(`${at}.promptId`, 'isKnown', 'is no message of the transcript');
    else if (!startsTurn(prompt.role))
      yield wrong(`${at}.promptId`, 'isQuestion', 'is a message that gets no answers');
    const answer = known.get(answerId);
    if (
      answer === undefined ? (promptOf.get(answerId) ?? promptId) !== promptId : answer.promptId !== promptId
    ) {
      yield wrong(`${at}.answerId`, 'isAnswer', 'is a message that does not answer promptId');
    }
    if (continuesAt > textUnits(answer)) {
      yield wrong(`${at}.continuesAt`, 'max', 'must not be greater than the length of the answer');
    }
    if (continuesAt < (begun.get(answerId) ?? 0)) {
      yield wrong(
        `${at}.continuesAt`,
        'min',
        'must not be less than that of an earlier turn of the same answer',
      );
    }
    yield* stepErrors(at, steps);
    answers.set(turnId, answerId);
    traces.add(traceId);
    promptOf.set(answerId, promptId);
    begun.set(answerId, continuesAt);
  }
}

function* stepErrors(at: string, steps: TranscriptTurn['steps']): Generator<ValidationError> {
  let last = 0;
  for (const [index, { step }] of steps.entries()) {
    if (step <= last)
      yield wrong(`${at}.steps.${index}.step`, 'min', 'must be greater than that of the step before');
    last = step;
  }
}

function textUnits(message: TranscriptMessage | undefined): number {
  let units = 0;
  for (const part of message?.parts ?? []) units += part.type === 'text' ? part.text.length : 0;
  return units;
}

function wrong(property: string, constraint: string, says: string): ValidationError {
  return { property, constraints: { [constraint]: `${property} ${says}` } };
}
