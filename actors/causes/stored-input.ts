/**
 * The input with which a session woke, and the place of a message that a command is about, in the journal's form. The
 * texts of messages, and of a turn that waited for a person, are left out, because earlier events in the journal
 * contain them.
 */
import type { RestoredAnswer } from '../../machines/answer.ts';
import type { QueueEntry, SessionInput, WaitingTurn } from '../../machines/chat-session-context.ts';
import type { ResumedTurn, TurnCall } from '../../machines/turn-context.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { StoredPlace } from '../../schema/commands.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import type { MessageMark } from '../../schema/message-part.ts';
import type { EndedStep } from '../../schema/turn-record.ts';

/** What the journal contained when the session woke. `undefined`: the journal lacks it. */
export type SaidBefore = {
  readonly textOf: (message: MessageId) => string | undefined;
  readonly marksOf: (message: MessageId) => readonly MessageMark[];
  readonly callOf: (
    call: ToolCallId,
  ) => { readonly argumentsJson: string; readonly result: string } | undefined;
  readonly stepOf: (turn: TurnId, step: number) => EndedStep | undefined;
};

/** Texts that are left out are replaced by their length. */
export function storedInput({ sessionId: _, stored, ...input }: SessionInput): object {
  if (stored === null) return { ...input, stored };
  return { ...input, stored: { ...stored, queue: stored.queue.map(shortEntry) } };
}

/** Texts that are left out are replaced by their length. */
export function shortPlace({ message, prompt, ...place }: StoredPlace): object {
  return { ...place, message: shortMessage(message), prompt: prompt && shortMessage(prompt) };
}

/** Whether `shortPlace` wrote it: what is looked up for decisions about calls has no leaf. */
export function isShortPlace(stored: unknown): stored is object {
  return typeof stored === 'object' && stored !== null && 'newestLeafId' in stored;
}

/** `null`: the journal lacks a text. */
export function wholePlace(stored: object, before: SaidBefore): StoredPlace | null {
  // Only `shortPlace` writes these.
  const { message, prompt, ...place } = stored as ShortPlace;
  const whole = withContent(message, before);
  const wholePrompt = prompt === null ? null : withContent(prompt, before);
  if (whole === undefined || wholePrompt === undefined) return null;
  return { ...place, message: whole, prompt: wholePrompt };
}

function shortEntry({ message, turn, ...entry }: QueueEntry): object {
  return {
    ...entry,
    message: message && shortMessage(message),
    turn: turn && withoutTexts(turn),
  };
}

/** Keys keep their order, in which the machines say them again. */
function shortMessage({ marks: _, ...message }: MessageFact): object {
  return { ...message, content: message.content.length };
}

function withoutTexts({ resumed, continues, ...turn }: WaitingTurn): object {
  return {
    ...turn,
    ...(resumed === undefined ? {} : { resumed: shortResumed(resumed) }),
    ...(continues === undefined ? {} : { continues: shortAnswer(continues) }),
  };
}

function shortResumed({ answer, calls, earlierCalls, steps, ...rest }: ResumedTurn): object {
  return {
    ...rest,
    steps: steps.map(({ step }) => step),
    calls: calls.map(shortCall),
    earlierCalls: earlierCalls.map(shortCall),
    answer: answer && shortAnswer(answer),
  };
}

function shortAnswer({ marks: _, reasoning: __, text, ...answer }: RestoredAnswer): object {
  return { ...answer, text: text?.length ?? null };
}

function shortCall({ argumentsJson: _, result: __, ...call }: TurnCall): object {
  return call;
}

type ShortCall = Omit<TurnCall, 'argumentsJson' | 'result'>;
type ShortAnswer = Pick<RestoredAnswer, 'createdAt' | 'usage' | 'model' | 'author'> & {
  readonly text: number | null;
};
type ShortTurn = Omit<WaitingTurn, 'resumed' | 'continues'> & {
  readonly resumed?: Pick<ResumedTurn, 'step'> & {
    readonly steps: readonly number[];
    readonly calls: readonly ShortCall[];
    readonly earlierCalls: readonly ShortCall[];
    readonly answer: ShortAnswer | null;
  };
  readonly continues?: ShortAnswer;
};
type ShortMessage = Omit<MessageFact, 'content' | 'marks'> & { readonly content: number };
type ShortPlace = Omit<StoredPlace, 'message' | 'prompt'> & {
  readonly message: ShortMessage;
  readonly prompt: ShortMessage | null;
};
type ShortEntry = {
  readonly rank: number;
  readonly message: ShortMessage | null;
  readonly turn: ShortTurn | null;
};
type ShortInput = Omit<SessionInput, 'sessionId' | 'stored'> & {
  readonly stored: (Omit<NonNullable<SessionInput['stored']>, 'queue'> & { queue: ShortEntry[] }) | null;
};

/** `null`: the journal lacks the parts that were left out. */
export function restoredInput(sessionId: SessionId, stored: object, before: SaidBefore): SessionInput | null {
  // Only `storedInput` writes these.
  const { stored: rows, ...input } = stored as ShortInput;
  if (rows === null) return { ...input, sessionId, stored: null };
  // Journals from before there were queues.
  if (rows.queue === undefined) return null;
  const found = rows.queue.map((entry) => wholeEntry(entry, before)).filter((entry) => entry !== null);
  if (found.length < rows.queue.length) return null;
  return { ...input, sessionId, stored: { ...rows, queue: found } };
}

function wholeEntry({ message, turn, ...entry }: ShortEntry, before: SaidBefore): QueueEntry | null {
  const wholeMessage = message === null ? null : withContent(message, before);
  const wholeTurn = turn === null ? null : withTexts(turn, before);
  if (wholeMessage === undefined || wholeTurn === undefined) return null;
  return { ...entry, message: wholeMessage, turn: wholeTurn };
}

/** An answer that is being given may have got more text since it was read. */
function withContent(message: ShortMessage, before: SaidBefore): MessageFact | undefined {
  const said = before.textOf(message.id);
  if (said === undefined || said.length < message.content) return undefined;
  const marks = before.marksOf(message.id);
  return {
    ...message,
    content: said.slice(0, message.content),
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
  };
}

/** `undefined`: the journal lacks a part. */
function withTexts({ resumed, continues, ...turn }: ShortTurn, before: SaidBefore): WaitingTurn | undefined {
  const whole = resumed === undefined ? undefined : wholeResumed(turn, resumed, before);
  const text = continues === undefined ? undefined : wholeAnswer(turn.answerId, continues, before);
  if (whole === null || text === null) return undefined;
  return {
    ...turn,
    ...(whole === undefined ? {} : { resumed: whole }),
    ...(text === undefined ? {} : { continues: { ...text, reasoning: reasoningIn(text) } }),
  };
}

/** All that is kept of it; it has ended. */
function reasoningIn({ marks }: RestoredAnswer): RestoredAnswer['reasoning'] {
  const texts = marks.flatMap(({ part }) => (part?.type === 'reasoning' ? [part.text] : []));
  return texts.length === 0 ? null : { text: texts.join(''), open: false };
}

function wholeAnswer(
  id: MessageId,
  { text: units, ...answer }: ShortAnswer,
  before: SaidBefore,
): RestoredAnswer | null {
  const text = units === null ? null : before.textOf(id);
  if (text === undefined) return null;
  return {
    ...answer,
    text: text?.slice(0, units ?? 0) ?? null,
    marks: before.marksOf(id),
    reasoning: null,
  };
}

function wholeResumed(
  turn: Pick<WaitingTurn, 'turnId' | 'answerId' | 'pushed'>,
  { answer, calls, earlierCalls, steps, ...rest }: NonNullable<ShortTurn['resumed']>,
  before: SaidBefore,
): ResumedTurn | null {
  const said = answer === null ? null : wholeAnswer(turn.answerId, answer, before);
  const isPushed = turn.pushed !== undefined;
  const whole = {
    calls: wholeCalls(calls, before),
    earlierCalls: wholeCalls(earlierCalls, before),
    steps: steps.flatMap((step) => before.stepOf(turn.turnId, step) ?? []),
  };
  if (answer !== null && said === null) return null;
  if (whole.calls === null || whole.earlierCalls === null || whole.steps.length < steps.length) return null;
  return {
    ...rest,
    steps: whole.steps,
    calls: whole.calls,
    earlierCalls: whole.earlierCalls,
    // The answer wakes with the reasoning of the last step, or, pushed from outside, with that of its parts.
    answer: said && {
      ...said,
      reasoning: isPushed ? reasoningIn(said) : (whole.steps.at(-1)?.reasoning ?? null),
    },
  };
}

function wholeCalls(calls: readonly ShortCall[], before: SaidBefore): TurnCall[] | null {
  const whole = calls.flatMap((call) => {
    const said = before.callOf(call.id);
    return said === undefined ? [] : [{ ...call, ...said }];
  });
  return whole.length < calls.length ? null : whole;
}
