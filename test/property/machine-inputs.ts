/** The inputs with which the machines of machine-words.ts begin. */
import type { RestoredAnswer } from '../../machines/answer.ts';
import type { SessionInput } from '../../machines/chat-session-context.ts';
import type { TraceInput } from '../../machines/trace.ts';
import type { ResumedTurn, TurnBounds, TurnCall } from '../../machines/turn-context.ts';
import type { SessionId, ToolCallId, TraceId } from '../../schema/ids.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { theSession } from '../arbitraries/session-commands.ts';
import { storedEntry } from '../arbitraries/session-events.ts';
import type { Dice } from './machine-dice.ts';

export const callId = (count: number) => idOf<ToolCallId>(idKinds.call, count);

export function sessionInput({ at, number, flag }: Dice): SessionInput {
  const stamp = new Date(noon).toISOString();
  const status = number % 2 === 0 ? ('active' as const) : ('archived' as const);
  const queue = Array.from({ length: number % 3 }, (_, index) => storedEntry(index));
  const session = { id: theSession, title: 'A title', status, createdAt: stamp, updatedAt: stamp };
  const parked = number % 16 === 15;
  return {
    sessionId: theSession,
    agentId: 'rehearsal',
    stored: flag ? { session, queue } : null,
    at,
    parked,
  };
}

export function traceInput({ at, number, flag, text }: Dice): TraceInput {
  return {
    id: idOf<TraceId>(idKinds.trace, 1),
    sessionId: flag ? idOf<SessionId>(idKinds.session, 1) : null,
    name: text,
    metadata: {},
    at,
    status: number % 2 === 0 ? 'pending' : 'running',
    announced: number % 3 === 0,
  };
}

/** So small that every bound is reached. */
export function smallBounds(number: number): TurnBounds {
  return {
    stepsMax: 1 + (number % 4),
    tokensMax: 1 + (number % 97),
    msMax: number % 5 === 0 ? 1 + (number % 3000) : 900_000,
    claimMs: 1 + (number % 3000),
  };
}

/** An answer with which a turn goes on. */
export function saidBefore({ at, text }: Dice): RestoredAnswer {
  return { text: `said ${text}`, createdAt: at, marks: [], reasoning: null };
}

/** A turn that waited for a person, with or without an answer so far. */
export function resumedTurn({ number, flag, text }: Dice): ResumedTurn {
  const call: TurnCall = {
    id: callId(0xfff0),
    step: 1,
    modelCallId: text,
    name: 'clock',
    argumentsJson: '{}',
    needsApproval: true,
    approvalTimeoutMs: null,
    approvalDeadline: number % 2 === 0 ? noon + number : null,
    approval: null,
    status: 'awaitingApproval',
    result: '',
    ranMs: 0,
  };
  const ended: TurnCall = { ...call, id: callId(0xfff1), status: 'failed', result: text };
  return {
    step: 1,
    steps: [{ step: 1, answerUnits: 0, finishReason: 'tool-calls', usage: {} }],
    calls: flag ? [call, ended] : [call],
    earlierCalls: [],
    answer: null,
  };
}
