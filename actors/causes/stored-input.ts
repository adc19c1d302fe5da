/**
 * The input with which a session woke, in the journal's form. The texts of a turn that waited for a person are left
 * out, because earlier events in the journal contain them.
 */
import type { SessionInput, WaitingTurn } from '../../machines/chat-session-context.ts';
import type { ResumedTurn, TurnCall } from '../../machines/turn-context.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { EndedStep } from '../../schema/turn-record.ts';

/** What the journal contained when the session woke. `undefined`: the journal lacks it. */
export type SaidBefore = {
  readonly textOf: (message: MessageId) => string | undefined;
  readonly callOf: (
    call: ToolCallId,
  ) => { readonly argumentsJson: string; readonly result: string } | undefined;
  readonly stepOf: (turn: TurnId, step: number) => EndedStep | undefined;
};

/** Texts that are left out are replaced by their length. */
export function storedInput({ sessionId: _, stored, ...input }: SessionInput): object {
  if (stored === null) return { ...input, stored };
  return { ...input, stored: { ...stored, waiting: stored.waiting.map(withoutTexts) } };
}

function withoutTexts({ resumed, ...turn }: WaitingTurn): object {
  if (resumed === undefined) return turn;
  const { answer, calls, earlierCalls, steps, ...rest } = resumed;
  const shortAnswer = answer && { createdAt: answer.createdAt, text: answer.text?.length ?? null };
  return {
    ...turn,
    resumed: {
      ...rest,
      steps: steps.map(({ step }) => step),
      calls: calls.map(shortCall),
      earlierCalls: earlierCalls.map(shortCall),
      answer: shortAnswer,
    },
  };
}

function shortCall({ argumentsJson: _, result: __, ...call }: TurnCall): object {
  return call;
}

type ShortCall = Omit<TurnCall, 'argumentsJson' | 'result'>;
type ShortTurn = Omit<WaitingTurn, 'resumed'> & {
  readonly resumed?: Pick<ResumedTurn, 'step'> & {
    readonly steps: readonly number[];
    readonly calls: readonly ShortCall[];
    readonly earlierCalls: readonly ShortCall[];
    readonly answer: { readonly createdAt: Milliseconds | null; readonly text: number | null } | null;
  };
};
type ShortInput = Omit<SessionInput, 'sessionId' | 'stored'> & {
  readonly stored: (Omit<NonNullable<SessionInput['stored']>, 'waiting'> & { waiting: ShortTurn[] }) | null;
};

/** `null`: the journal lacks the parts that were left out. */
export function restoredInput(sessionId: SessionId, stored: object, before: SaidBefore): SessionInput | null {
  // Only `storedInput` writes these.
  const { stored: rows, ...input } = stored as ShortInput;
  if (rows === null) return { ...input, sessionId, stored: null };
  const waiting = rows.waiting.map((turn) => withTexts(turn, before));
  const found = waiting.filter((turn) => turn !== null);
  if (found.length < waiting.length) return null;
  return { ...input, sessionId, stored: { ...rows, waiting: found } };
}

function withTexts({ resumed, ...turn }: ShortTurn, before: SaidBefore): WaitingTurn | null {
  if (resumed === undefined) return turn;
  const { answer, calls, earlierCalls, steps, ...rest } = resumed;
  const text = answer === null || answer.text === null ? null : before.textOf(turn.answerId);
  const whole = {
    calls: wholeCalls(calls, before),
    earlierCalls: wholeCalls(earlierCalls, before),
    steps: steps.flatMap((step) => before.stepOf(turn.turnId, step) ?? []),
  };
  if (text === undefined || whole.calls === null || whole.earlierCalls === null) return null;
  if (whole.steps.length < steps.length) return null;
  return {
    ...turn,
    resumed: {
      ...rest,
      steps: whole.steps,
      calls: whole.calls,
      earlierCalls: whole.earlierCalls,
      answer: answer && {
        text: text?.slice(0, answer.text ?? 0) ?? null,
        createdAt: answer.createdAt,
        // The answer wakes with the reasoning of the last step.
        reasoning: whole.steps.at(-1)?.reasoning ?? null,
      },
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
