/** The actions and guards of the chat session machine, under the names in its chart. */
import { assertEvent, setup } from 'xstate';
import type { ChatMessage } from '../schema/chat-message.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { CommandReply, SessionCommand } from '../schema/commands.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { CommandId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { mergedModelOptions } from '../schema/model-options.ts';
import { type Refusal, refusal, sessionNotFound } from '../schema/refusal.ts';
import { isoTimestamp, type Milliseconds } from '../schema/timestamp.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import {
  patched,
  type SessionContext,
  type SessionEvent,
  type SessionInput,
  touched,
} from './chat-session-context.ts';
import { acceptance, answeredDecision, refusalOf } from './command-answer.ts';
import { judgedDecision } from './tool-decision.ts';
import { turnMachine } from './turn.ts';

const sessionSetup = setup({
  types: {} as {
    context: SessionContext;
    input: SessionInput;
    events: SessionEvent;
    emitted: DomainEvent | CommandReply;
  },
  actors: { turn: turnMachine },
  guards: {
    isStored: ({ context }) => context.session !== null,
    isArchived: ({ context }) => context.session?.status === 'archived',
    isResponding: ({ context }) => context.running !== null,
    // A resumed turn only waits for a person, which it may do while the process stops.
    mayStartTurn: ({ context }) =>
      context.waiting.length > 0 && (!context.parked || context.waiting[0]?.resumed !== undefined),
    isQueueFull: ({ context, event }) =>
      event.type === 'message.add' &&
      event.turn !== undefined &&
      context.waiting.length >= limits.turnsWaitingMax,
  },
});

/** The session of a machine in `open` or `deleting`, where it always exists. */
function sessionOf(context: SessionContext): ChatSession {
  if (context.session === null) throw new Error(`session ${context.sessionId} has not been created`);
  return context.session;
}

function changed(
  type: 'session.created' | 'session.updated',
  session: ChatSession,
  at: number,
  commandId?: CommandId,
): DomainEvent {
  return {
    type,
    sessionId: session.id,
    at,
    data: session,
    ...(commandId === undefined ? {} : { commandId }),
  };
}

function refuse(reason: (context: SessionContext) => Refusal) {
  return sessionSetup.enqueueActions(({ context, event, enqueue }) => {
    if (!('commandId' in event)) return;
    enqueue.emit(refusalOf(context.sessionId, event, reason(context)));
  });
}

const create = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'session.create');
  const createdAt = isoTimestamp(event.at);
  const session: ChatSession = {
    id: context.sessionId,
    title: event.title,
    ...(event.description === undefined ? {} : { description: event.description }),
    status: 'active',
    createdAt,
    updatedAt: createdAt,
    ...(event.options === undefined ? {} : { options: event.options }),
  };
  enqueue.assign({ session, now: Math.max(context.now, event.at) });
  enqueue.emit(changed('session.created', session, event.at, event.commandId));
  for (const emission of acceptance(context.sessionId, event, session)) enqueue.emit(emission);
});

/** Answers a command that changes the session row, with the changed row. */
function change(next: (session: ChatSession, command: SessionCommand) => ChatSession) {
  return sessionSetup.enqueueActions(({ context, event, enqueue }) => {
    assertEvent(event, ['session.update', 'session.archive']);
    const session = touched(next(sessionOf(context), event), event.at);
    enqueue.assign({ session, now: Math.max(context.now, event.at) });
    enqueue.emit(changed('session.updated', session, event.at, event.commandId));
    for (const emission of acceptance(context.sessionId, event, session)) enqueue.emit(emission);
  });
}

const update = change((session, command) => {
  assertEvent(command, 'session.update');
  return patched(session, command.patch);
});

const archive = change((session) => ({ ...session, status: 'archived' }));

const addMessage = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'message.add');
  const { at, commandId, turn } = event;
  const { id, role, content, toolCallId, name } = event.message;
  const session = touched(sessionOf(context), at);
  const message: ChatMessage = {
    id,
    sessionId: context.sessionId,
    role,
    content,
    createdAt: isoTimestamp(at),
    ...(toolCallId === undefined ? {} : { toolCallId }),
    ...(name === undefined ? {} : { name }),
  };
  enqueue.assign({ session, now: Math.max(context.now, at) });
  enqueue.emit({ type: 'message.created', sessionId: context.sessionId, at, commandId, data: message });
  enqueue.emit(changed('session.updated', session, at, commandId));
  if (turn !== undefined) {
    const merged = mergedModelOptions(session.options ?? {}, event.options ?? {});
    const options = Object.keys(merged).length === 0 ? {} : { options: merged };
    enqueue.assign({ waiting: [...context.waiting, { ...turn, ...options, traceCreatedAt: null }] });
    enqueue.emit({
      type: 'turn.queued',
      sessionId: context.sessionId,
      at,
      commandId,
      data: { ...turn, timestamp: isoTimestamp(at), ...options },
    });
  }
  for (const emission of acceptance(context.sessionId, event, message)) enqueue.emit(emission);
});

/** A turn added a message, so the session's `updatedAt` advances. */
const touch = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'message.added');
  const session = touched(sessionOf(context), event.at);
  enqueue.assign({ session, now: Math.max(context.now, event.at) });
  enqueue.emit(changed('session.updated', session, event.at));
});

const startTurn = sessionSetup.enqueueActions(({ context, self, enqueue }) => {
  const [next, ...waiting] = context.waiting;
  if (next === undefined) return;
  enqueue.assign({ running: next, waiting });
  enqueue.spawnChild('turn', {
    id: `turn.${next.turnId}`,
    input: {
      ...next,
      session: self,
      agentId: context.agentId,
      at: context.now,
      bounds: context.turnBounds,
    },
  });
});

const endTurn = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  if (context.running === null || !('output' in event)) return;
  enqueue.stopChild(`turn.${context.running.turnId}`);
  const { at, decided } = event.output;
  enqueue.assign({ running: null, decided, now: Math.max(context.now, at) });
});

const noteDeletion = sessionSetup.assign(({ context, event }) => {
  assertEvent(event, 'session.delete');
  return { deletion: event, now: Math.max(context.now, event.at) };
});

const cancelTurn = sessionSetup.enqueueActions(({ context, enqueue }) => {
  if (context.running === null) return;
  enqueue.sendTo(`turn.${context.running.turnId}`, { type: 'turn.cancel', at: context.now });
});

/** A queued turn that is dropped ends as cancelled, so that the journal has an end for every turn. */
function droppedTurn(turn: TurnIdentity, at: Milliseconds): DomainEvent {
  const { turnId, sessionId } = turn;
  return {
    type: 'turn.ended',
    sessionId,
    at,
    data: { turnId, sessionId, timestamp: isoTimestamp(at), outcome: 'cancelled' },
  };
}

const dropWaiting = sessionSetup.enqueueActions(({ context, enqueue }) => {
  for (const turn of context.waiting) enqueue.emit(droppedTurn(turn, context.now));
  enqueue.assign({ waiting: [] });
});

/** Idempotent: turns that have already ended are not among the cancelled ones, and that is not an error. */
const cancelTurns = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'turn.cancel');
  const { promptId, at } = event;
  const now = Math.max(context.now, at);
  const isMeant = (turn: TurnIdentity) => promptId === undefined || turn.promptId === promptId;
  const dropped = context.waiting.filter(isMeant);
  const running = context.running !== null && isMeant(context.running) ? [context.running] : [];
  enqueue.assign({ now, waiting: context.waiting.filter((turn) => !isMeant(turn)) });
  for (const turn of dropped) enqueue.emit(droppedTurn(turn, now));
  for (const turn of running) enqueue.sendTo(`turn.${turn.turnId}`, { type: 'turn.cancel', at: now });
  const cancelled = [...running, ...dropped].map((turn) => turn.promptId);
  for (const emission of acceptance(context.sessionId, event, { sessionId: context.sessionId, cancelled })) {
    enqueue.emit(emission);
  }
});

const forwardDecision = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['tool.approve', 'tool.deny']);
  if (context.running === null) return;
  enqueue.sendTo(`turn.${context.running.turnId}`, event);
});

/** No turn is running, so no call waits; the turn that has just ended may have recorded the decision. */
const answerDecision = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['tool.approve', 'tool.deny']);
  const { stored, callId } = event;
  const decided = context.decided.find((decision) => decision.callId === callId);
  const approval = decided === undefined ? stored?.approval : { ...decided };
  const known = stored === null ? undefined : { id: callId, awaits: false, approval: approval ?? null };
  const judged = judgedDecision(event, known);
  if (judged === 'new') return;
  for (const emission of answeredDecision(event, judged)) enqueue.emit(emission);
});

const park = sessionSetup.assign({ parked: true });

const interruptTurn = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'session.interrupt');
  if (context.running === null) return;
  const { at, reason } = event;
  enqueue.sendTo(`turn.${context.running.turnId}`, { type: 'turn.interrupt', at, reason });
});

/** A last `session.updated` precedes the deletion (docs/protocol.md A3); nothing follows it (I7). */
const deletion = sessionSetup.enqueueActions(({ context, enqueue }) => {
  const { sessionId, now, deletion: command } = context;
  const session = touched(sessionOf(context), now);
  enqueue.emit(changed('session.updated', session, now));
  enqueue.emit({ type: 'session.deleted', sessionId, at: now, data: { id: sessionId } });
  if (command === null) return;
  for (const emission of acceptance(sessionId, command, null)) enqueue.emit(emission);
});

export const sessionChart = sessionSetup.extend({
  actions: {
    create,
    update,
    archive,
    addMessage,
    touch,
    startTurn,
    endTurn,
    noteDeletion,
    cancelTurn,
    dropWaiting,
    cancelTurns,
    park,
    forwardDecision,
    answerDecision,
    interruptTurn,
    delete: deletion,
    refuseUnknown: refuse((context) => sessionNotFound(context.sessionId)),
    refuseDuplicate: refuse((context) =>
      refusal('conflict', `Chat session ${context.sessionId} exists already`),
    ),
    refuseQueueFull: refuse(() =>
      refusal(
        'queue_full',
        `At most ${limits.turnsWaitingMax} messages of a session can wait for their answer`,
      ),
    ),
  },
});
