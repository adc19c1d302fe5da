/**
 * The events of each machine: for every event descriptor of its definition, a function that makes such an event for
 * the present state. The coverage test fails on a new event until it has one here.
 */
import { type AnyMachineSnapshot, type AnyStateMachine, createEmptyActor, type SnapshotFrom } from 'xstate';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import { clientTraceMachine } from '../../machines/client-trace.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { traceMachine } from '../../machines/trace.ts';
import { turnMachine } from '../../machines/turn.ts';
import { isOpen } from '../../machines/turn-context.ts';
import { messageStatuses } from '../../schema/chat-message.ts';
import type { StoredPlace } from '../../schema/commands.ts';
import { type EngineErrorCode, engineErrorTable } from '../../schema/engine-error.ts';
import type { MessageId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { participantRoles } from '../../schema/participant.ts';
import { type TurnOutcome, turnOutcomes } from '../../schema/turn-record.ts';
import { noon } from '../arbitraries/instants.ts';
import {
  type CommandPlan,
  participantIdOf,
  sessionCommand,
  theSession,
  turnIdentity,
} from '../arbitraries/session-commands.ts';
import { toolCallInput } from '../arbitraries/tool-call-events.ts';
import { decision } from '../arbitraries/tool-decisions.ts';
import { turnInput } from '../arbitraries/turn-events.ts';
import { clientTraceInput, clientTraceWords } from './client-trace-words.ts';
import type { Dice, Heard } from './machine-dice.ts';
import { callId, resumedTurn, saidBefore, sessionInput, smallBounds, traceInput } from './machine-inputs.ts';

type Words<Snapshot> = Readonly<Record<string, (dice: Dice, snapshot: Snapshot) => Heard>>;

/** Makes an event for the present state. */
export type Word = (dice: Dice, snapshot: AnyMachineSnapshot) => Heard;

/** A machine with its possible inputs and events. */
export type SpokenMachine = {
  readonly machine: AnyStateMachine;
  readonly input: (dice: Dice) => unknown;
  readonly words: ReadonlyMap<string, Word>;
};

const command =
  (plan: (dice: Dice) => Omit<CommandPlan, 'at' | 'named'>) =>
  (dice: Dice): Heard =>
    sessionCommand({ ...plan(dice), at: dice.at, named: dice.flag } as CommandPlan, dice.nth);

/** A command about a message: one that waits, one of the running turn, or any, wherever it stands. */
const about =
  (plan: (dice: Dice) => Omit<CommandPlan, 'at' | 'named'>) =>
  (dice: Dice, { context }: SnapshotFrom<typeof chatSessionMachine>): Heard => {
    const planned = { ...plan(dice), at: dice.at, named: dice.flag } as CommandPlan;
    const { running, queue } = context;
    const ids = [
      ...queue.flatMap(({ message }) => message?.id ?? []),
      ...(running === null ? [] : [running.promptId, running.answerId]),
      turnIdentity(dice.number).promptId,
    ];
    const id = ids[dice.number % ids.length] ?? turnIdentity(dice.number).promptId;
    const place = dice.number % 7 === 0 ? null : anywhere(dice, id, running?.turnId);
    return sessionCommand(planned, dice.nth, { messages: [{ id }], place: () => place });
  };

function anywhere({ at, number, flag, text }: Dice, id: MessageId, running: TurnId | undefined): StoredPlace {
  const { promptId, turnId } = turnIdentity(number);
  const about = { sessionId: theSession, content: text, createdAt: new Date(at).toISOString() };
  const asked = { ...about, id: flag ? id : promptId, role: 'user' as const, parentId: null };
  const status = messageStatuses[number % messageStatuses.length] ?? 'complete';
  const answer = { ...about, id, role: 'assistant' as const, parentId: promptId, promptId, status };
  return {
    message: flag ? asked : answer,
    prompt: number % 5 === 0 ? null : asked,
    hasChildren: number % 2 === 0,
    newestLeafId: id,
    isOnBranch: number % 3 === 0,
    leafWithoutId: number % 4 === 0 ? null : promptId,
    openTurns: [turnId, ...(running === undefined || number % 2 === 0 ? [] : [running])],
  };
}

/** A command about somebody who takes part, or does not, among others. */
const ofParticipant =
  (type: 'participant.add' | 'participant.update' | 'participant.remove') =>
  ({ at, number, flag, nth }: Dice): Heard => {
    const role = participantRoles[number % participantRoles.length] ?? 'observer';
    const createdAt = new Date(at).toISOString();
    const id = participantIdOf(number % 4);
    const known = { sessionId: theSession, id, role, createdAt, updatedAt: createdAt };
    const stored = {
      participant: number % 3 === 0 ? null : known,
      count: number % 7 === 0 ? limits.participantsMax : 2,
      owners: number % 2,
    };
    const planned = { type, who: number % 4, role: flag ? role : 'observer', name: undefined } as const;
    const places = { messages: [], place: () => null, participants: () => stored };
    return sessionCommand({ ...planned, at, named: flag }, nth, places);
  };

const begunWith =
  (type: 'session.fork' | 'session.import') =>
  ({ at, nth, text }: Dice): Heard => {
    const { commandId } = sessionCommand({ type: 'session.archive', at, named: false }, nth);
    const session = { title: text, status: 'active' as const };
    const conversation = { leafId: null, messages: [], turns: [], calls: [] };
    return { type, at, commandId, session, conversation } as Heard;
  };

const approved = { decision: 'approved' as const };

const sessionWords: Words<SnapshotFrom<typeof chatSessionMachine>> = {
  'session.create': command(({ text }) => ({ type: 'session.create', title: text, description: text })),
  'session.update': command(({ text, number }) => ({
    type: 'session.update',
    patch: [{}, { title: text }, { description: null }, { description: text }][number % 4] ?? {},
  })),
  'session.archive': command(() => ({ type: 'session.archive' })),
  'session.unarchive': command(() => ({ type: 'session.unarchive' })),
  'session.hand-over': command(() => ({ type: 'session.hand-over' })),
  'session.close': command(() => ({ type: 'session.close' })),
  'session.reopen': command(() => ({ type: 'session.reopen' })),
  'session.delete': command(() => ({ type: 'session.delete' })),
  'participant.add': ofParticipant('participant.add'),
  'participant.update': ofParticipant('participant.update'),
  'participant.remove': ofParticipant('participant.remove'),
  'message.add': command(({ text, number }) => ({
    type: 'message.add',
    role: number % 5 === 0 ? 'tool' : 'user',
    content: text,
    queue: number % 11 === 0 ? 'replace' : 'queue',
  })),
  'session.fork': begunWith('session.fork'),
  'session.import': begunWith('session.import'),
  'message.regenerate': about(({ flag }) => ({ type: 'message.regenerate', which: 0, continues: flag })),
  'message.edit': about(({ text }) => ({ type: 'message.edit', which: 0, content: text })),
  'message.delete': about(() => ({ type: 'message.delete', which: 0 })),
  'message.send-now': about(() => ({ type: 'message.send-now', which: 0 })),
  'message.steer': about(() => ({ type: 'message.steer', which: 0 })),
  'branch.select': about(() => ({ type: 'branch.select', which: 0 })),
  'turn.start': command(() => ({ type: 'turn.start' })),
  'turn.claim': (dice, { context }) => {
    const claim = command(({ number }) => ({ type: 'turn.claim', turn: number }))(dice);
    return dice.flag && context.running !== null
      ? Object.assign(claim, { turnId: context.running.turnId })
      : claim;
  },
  'turn.cancel': command(({ number }) => ({ type: 'turn.cancel', prompt: number % 3 === 0 ? null : number })),
  'tool.approve': ({ at, number, nth }) => decision('tool.approve', callId(number), { at, count: nth }),
  'tool.deny': ({ at, number, nth, text }) =>
    decision('tool.deny', callId(number), { at, count: nth, reason: text }),
  'message.added': ({ at, number, flag }, { context }) => {
    const { answerId, promptId } = context.running ?? turnIdentity(number);
    const leafId = context.session?.leafId ?? null;
    return { type: 'message.added', at, answerId, parentId: flag ? promptId : leafId } as Heard;
  },
  'title.made': ({ at, text }) => ({ type: 'title.made', at, title: text }) as Heard,
  'title.failed': ({ at }) => ({ type: 'title.failed', at }) as Heard,
  'session.woke': () => ({ type: 'session.woke' }),
  'session.park': ({ at }) => ({ type: 'session.park', at }),
  'session.interrupt': ({ at, text }) => ({ type: 'session.interrupt', at, reason: text }),
  'xstate.done.actor.turn.*': ({ at, number }, { context }) => {
    const turnId = context.running?.turnId ?? turnIdentity(number).turnId;
    const outcome: TurnOutcome | undefined = turnOutcomes[number % turnOutcomes.length];
    const decided = number % 2 === 0 ? [] : [{ sessionId: theSession, callId: callId(number), ...approved }];
    const output = { turnId, outcome, at, decided };
    return { type: `xstate.done.actor.turn.${turnId}`, actorId: `turn.${turnId}`, output } as Heard;
  },
};

/** A decision about a call that waits for one, or about any. */
const decides =
  (type: 'tool.approve' | 'tool.deny') =>
  ({ at, number, flag, nth, text }: Dice, { context }: SnapshotFrom<typeof turnMachine>): Heard => {
    const calls = context.calls.filter(({ status }) => flag || status === 'awaitingApproval');
    const id = calls[number % Math.max(1, calls.length)]?.id ?? callId(number);
    return decision(type, id, { at, count: nth, ...(flag ? { reason: text } : {}) });
  };

/** Only an answer can say it. */
const answerSays =
  (word: (dice: Dice) => Heard) =>
  (dice: Dice, { context }: SnapshotFrom<typeof turnMachine>): Heard =>
    context.answerSpawned ? word(dice) : ({ type: 'engine.starting', at: dice.at } as Heard);

/** What an agent outside says; seldom something about a call that there is not. */
const sourceWords: Words<SnapshotFrom<typeof turnMachine>> = {
  'source.began': ({ at }) => ({ type: 'source.began', at }),
  'source.step': ({ at, number }, { context }) =>
    // The source says it once all calls have ended.
    context.calls.length > 0 && !context.calls.some(isOpen)
      ? ({ type: 'source.step', at, answerUnits: number } as Heard)
      : { type: 'source.began', at },
  'source.toolCall': ({ at, nth, flag, text }) => {
    const call = { id: callId(nth), modelCallId: `own_${nth}`, name: 'look', argumentsJson: text };
    return {
      type: 'source.toolCall',
      at,
      call: { ...call, ...(flag ? { approval: { timeoutMs: null } } : {}) },
    } as Heard;
  },
  'source.toolResult': ({ at, number, flag, text }, { context }) => {
    const running = context.calls.filter(({ status }) => status === 'running');
    const id = running[number % Math.max(1, running.length)]?.id ?? callId(number);
    return { type: 'source.toolResult', at, callId: id, result: text, failed: flag } as Heard;
  },
  'source.received': ({ at, number }) => ({ type: 'source.received', at, received: number }) as Heard,
  'source.finished': ({ at, number }) => ({ type: 'source.finished', at, answerUnits: number }) as Heard,
  'source.failed': ({ at, text }) => ({ type: 'source.failed', at, error: text }) as Heard,
  'source.stopped': ({ at }) => ({ type: 'source.stopped', at }),
  'source.expired': ({ at }) => ({ type: 'source.expired', at }),
};

const engineErrorCodes = Object.keys(engineErrorTable) as EngineErrorCode[];

const turnWords: Words<SnapshotFrom<typeof turnMachine>> = {
  ...sourceWords,
  'engine.starting': ({ at }) => ({ type: 'engine.starting', at }),
  'engine.began': ({ at }) => ({ type: 'engine.began', at }),
  'engine.toolCall': ({ at, nth, number, flag, text }) => {
    const approval = { timeoutMs: number % 3 === 0 ? number : null };
    // A burst of calls with one id is a call that its provider repeats.
    const modelCallId = number % 4 === 0 ? text : `call_${nth}`;
    const asked = { id: callId(nth), modelCallId, name: 'clock', argumentsJson: text };
    return { type: 'engine.toolCall', at, call: { ...asked, ...(flag ? { approval } : {}) } } as Heard;
  },
  'engine.finished': ({ at, number, flag }) => {
    const usage = flag ? { inputTokens: number % 50, outputTokens: number % 7 } : {};
    const reasons = ['stop', 'length', 'tool-calls', 'stop', 'tool-calls', 'content-filter'] as const;
    const finishReason = reasons[number % reasons.length];
    return { type: 'engine.finished', at, finishReason, usage, answerUnits: number } as Heard;
  },
  'engine.failed': ({ at, number, flag, text }) =>
    ({
      type: 'engine.failed',
      at,
      error: text,
      code: engineErrorCodes[number % engineErrorCodes.length],
      ...(flag ? { retryAfterMs: number * 4, jitter: (number % 10) / 10 } : {}),
    }) as Heard,
  'answer.opened': answerSays(({ at, flag }) => ({ type: 'answer.opened', at, spoke: flag }) as Heard),
  'answer.spoke': answerSays(({ at }) => ({ type: 'answer.spoke', at })),
  // Seldom, because a turn that has heard it makes no further model call.
  'turn.yield': ({ at, number }) =>
    number % 6 === 0 ? { type: 'turn.yield', at, yields: true } : { type: 'engine.starting', at },
  'turn.claim': ({ at, nth, number, flag }, { context }) => {
    const plan = { type: 'turn.claim', turn: number, at, named: flag } as const;
    const agent = number % 5 === 0 ? 'poet' : 'weather';
    return Object.assign(sessionCommand(plan, nth), { turnId: context.turnId, agent });
  },
  'tool.approve': decides('tool.approve'),
  'tool.deny': decides('tool.deny'),
  'turn.cancel': ({ at }) => ({ type: 'turn.cancel', at }),
  'turn.interrupt': ({ at, text }) => ({ type: 'turn.interrupt', at, reason: text }),
  'xstate.after.turnTimeLimit.turn.modelCall': () => ({ type: 'xstate.after.turnTimeLimit.turn.modelCall' }),
  'xstate.after.claimTimeLimit.turn.offered': () => ({ type: 'xstate.after.claimTimeLimit.turn.offered' }),
  'xstate.after.retryDelay.turn.modelCall.waitingToRetry': () => ({
    type: 'xstate.after.retryDelay.turn.modelCall.waitingToRetry',
  }),
  'xstate.done.actor.toolCall.*': ({ at, number, flag, text }, { context }) => {
    const running = context.calls.filter((call) => call.status === 'running');
    const id = running[number % Math.max(1, running.length)]?.id ?? callId(number);
    const output = { id, result: text, failed: flag, at, ranMs: number };
    return { type: `xstate.done.actor.toolCall.${id}`, actorId: `toolCall.${id}`, output } as Heard;
  },
  'xstate.error.actor.*': ({ number, flag, text }) => {
    const actorId = ['engine', 'trace', 'answer', 'toolCall.1'][number % 4] ?? 'engine';
    return died(actorId, flag, text);
  },
};

const toolCallWords: Words<SnapshotFrom<typeof toolCallMachine>> = {
  'tool.completed': ({ at, text }) => ({ type: 'tool.completed', at, result: text }),
  'tool.failed': ({ at, text }) => ({ type: 'tool.failed', at, error: text }),
  'tool.progress': ({ at, number, text }) =>
    ({ type: 'tool.progress', at, progress: { message: text, done: number } }) as Heard,
  'toolCall.decide': ({ at, flag, text }) =>
    ({
      type: 'toolCall.decide',
      at,
      approval: { decision: flag ? 'approved' : 'denied', ...(text === '' ? {} : { reason: text }) },
    }) as Heard,
  'toolCall.expire': () => ({ type: 'toolCall.expire' }),
  'toolCall.cancel': ({ at, flag, text }) =>
    ({ type: 'toolCall.cancel', at, ...(flag ? { reason: text } : {}) }) as Heard,
  'xstate.error.actor.toolRunner': ({ flag, text }) => died('toolRunner', flag, text),
};

const traceWords: Words<SnapshotFrom<typeof traceMachine>> = {
  'trace.start': ({ at }) => ({ type: 'trace.start', at }),
  'trace.complete': ({ at, number }) => ({ type: 'trace.complete', at, metadata: { responseCount: number } }),
  'trace.fail': ({ at, text }) => ({ type: 'trace.fail', at, error: text }),
};

/** An actor that dies may throw any value. */
function died(actorId: string, wellBehaved: boolean, text: string): Heard {
  return {
    type: `xstate.error.actor.${actorId}`,
    actorId,
    error: wellBehaved ? new Error(text) : text,
  } as Heard;
}

function spoken<Machine extends AnyStateMachine>(
  machine: Machine,
  words: Words<SnapshotFrom<Machine>>,
  input: (dice: Dice) => unknown,
): SpokenMachine {
  return { machine, input, words: new Map(Object.entries<Word>(words as never)) };
}

/** Every machine that is an XState chart. */
export const spokenMachines: readonly SpokenMachine[] = [
  spoken(chatSessionMachine, sessionWords, sessionInput),
  spoken(turnMachine, turnWords, (dice) => ({
    ...turnInput(dice.nth, dice.flag ? dice.at : null),
    session: createEmptyActor(),
    at: dice.at,
    bounds: dice.number % 3 === 0 ? undefined : smallBounds(dice.number),
    resumed: dice.number % 8 === 7 ? resumedTurn(dice) : undefined,
    pushed: [3, 6, 11, 15].includes(dice.number % 16)
      ? { agent: 'weather', leaseMs: 60_000, parentId: null }
      : undefined,
    continues: dice.number % 8 === 5 ? saidBefore(dice) : undefined,
    options: [undefined, { engine: 'external' }, { engine: 'external', agent: 'weather' }][dice.number % 16],
  })),
  spoken(toolCallMachine, toolCallWords, ({ at, number, flag }) => ({
    ...toolCallInput,
    at,
    needsApproval: flag,
    ...(number % 7 === 6 ? { refusal: 'Not run' } : {}),
    approvalDeadline: number % 2 === 0 ? noon + number : null,
    announced: number % 3 === 0,
    isOutside: number % 5 === 4,
    begun: number % 10 === 9 ? { approval: flag ? approved : null } : undefined,
  })),
  spoken(traceMachine, traceWords, traceInput),
  spoken(clientTraceMachine, clientTraceWords, clientTraceInput),
];
