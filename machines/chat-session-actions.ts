/** The actions and guards of the chat session machine, under the names in its chart. */
import { assertEvent, fromCallback, setup } from 'xstate';
import type { ChatSession } from '../schema/chat-session.ts';
import type { CommandReply, SessionCommand } from '../schema/commands.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import { type Refusal, refusal, sessionClosed, sessionNotFound } from '../schema/refusal.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import {
  patched,
  type SessionContext,
  type SessionEvent,
  type SessionInput,
  type TitlerInput,
  touched,
} from './chat-session-context.ts';
import { acceptance, answeredDecision, refusalOf } from './command-answer.ts';
import { decideDelete, decideEdit, decideRegenerate, decideSelect, prune } from './session-branches.ts';
import {
  createdSession,
  type SessionDecision,
  sessionAtLeaf,
  sessionChanged,
  sessionCreated,
} from './session-decision.ts';
import { decideHandOver } from './session-hand-over.ts';
import { decideAdd, decideCancel, decideFirst } from './session-messages.ts';
import { decideParticipant, newParticipant } from './session-participants.ts';
import { decideStart } from './session-pushed-turns.ts';
import { dropTurns, isSteered, placed } from './session-queue.ts';
import { judgedDecision } from './tool-decision.ts';
import { turnMachine } from './turn.ts';
import { unprovided } from './unprovided.ts';

const sessionSetup = setup({
  types: {} as {
    context: SessionContext;
    input: SessionInput;
    events: SessionEvent;
    emitted: DomainEvent | CommandReply;
    children: { titler: 'titler'; [turn: `turn.${string}`]: 'turn' };
  },
  actors: {
    turn: turnMachine,
    titler: fromCallback<SessionEvent, TitlerInput>(unprovided('titler')),
  },
  guards: {
    isStored: ({ context }) => context.session !== null,
    isArchived: ({ context }) => context.session?.status === 'archived',
    isActive: ({ context }) => context.session?.status === 'active',
    isClosed: ({ context }) => context.session?.closedAt !== undefined,
    isOpen: ({ context }) => context.session?.closedAt === undefined,
    isResponding: ({ context }) => context.running !== null,
    mayPlaceFirst: ({ context: { awake, queue } }) => awake && queue[0]?.turn === null,
    // A resumed turn only waits for a person, which it may do while the process stops.
    mayStartTurn: ({ context: { awake, queue, parked } }) => {
      const turn = queue[0]?.turn ?? null;
      return awake && turn !== null && (!parked || turn.resumed !== undefined);
    },
  },
});

/** Carries out what was decided about an event. */
function decided(decide: (context: SessionContext, event: SessionEvent) => SessionDecision) {
  return sessionSetup.enqueueActions(({ context, event, enqueue }) => {
    const { changes, says, tells, answers = [] } = decide(context, event);
    enqueue.assign(changes);
    if (context.titling && changes.titling === false) enqueue.stopChild('titler');
    for (const emission of says) enqueue.emit(emission);
    if (context.running !== null) {
      const turn = `turn.${context.running.turnId}` as const;
      const at = changes.now ?? context.now;
      const yields = isSteered(changes.queue ?? context.queue);
      // Who takes back what steers lets the turn go on.
      if (tells !== undefined) enqueue.sendTo(turn, { type: tells, at });
      else if (yields !== isSteered(context.queue)) enqueue.sendTo(turn, { type: 'turn.yield', at, yields });
    }
    for (const emission of answers) enqueue.emit(emission);
  });
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
    ...(event.autoTitle === true ? { autoTitle: true } : {}),
  };
  enqueue.assign({ session, now: Math.max(context.now, event.at) });
  enqueue.emit(sessionCreated(session, event));
  for (const emission of acceptance(context.sessionId, event, session)) enqueue.emit(emission);
});

/** Answers a command that changes the session row, with the changed row; `next` is given the row with its new time. */
function change(next: (session: ChatSession, command: SessionCommand) => ChatSession) {
  return sessionSetup.enqueueActions(({ context, event, enqueue }) => {
    assertEvent(event, [
      'session.update',
      'session.archive',
      'session.unarchive',
      'session.close',
      'session.reopen',
    ]);
    const session = next(touched(createdSession(context), event.at), event);
    enqueue.assign({ session, now: Math.max(context.now, event.at) });
    enqueue.emit(sessionChanged(session, event.at, event.commandId));
    for (const emission of acceptance(context.sessionId, event, session)) enqueue.emit(emission);
  });
}

const update = change((session, command) => {
  assertEvent(command, 'session.update');
  return patched(session, command.patch);
});

const archive = change((session) => ({ ...session, status: 'archived' }));

const unarchive = change((session) => ({ ...session, status: 'active' }));

/** Closing again keeps the time since when it is closed. */
const close = change((session) => ({ ...session, closedAt: session.closedAt ?? session.updatedAt }));

const reopen = change(({ closedAt: _, ...session }) => session);

/** A session begins with a conversation: one event holds all of it. */
const createWithConversation = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['session.fork', 'session.import']);
  const { at, commandId, conversation } = event;
  const { sessionId } = context;
  const createdAt = isoTimestamp(at);
  const { title, description, status, ...rest } = event.session;
  const created: ChatSession = {
    id: sessionId,
    title,
    ...(description === undefined ? {} : { description }),
    status,
    createdAt,
    updatedAt: createdAt,
    ...rest,
  };
  const session = sessionAtLeaf(created, conversation.leafId);
  enqueue.assign({ session, now: Math.max(context.now, at) });
  enqueue.emit(sessionCreated(session, event));
  enqueue.emit({ type: 'session.imported', sessionId, at, commandId, data: { ...conversation, sessionId } });
  for (const added of event.participants ?? []) {
    const data = newParticipant(sessionId, added, at);
    enqueue.emit({ type: 'participant.added', sessionId, at, commandId, data });
  }
  for (const emission of acceptance(sessionId, event, session)) enqueue.emit(emission);
});

/** A turn added a message, so the session's `updatedAt` advances. Its answer continues the branch that it belongs to. */
const touch = decided((context, event) => {
  assertEvent(event, 'message.added');
  const { at, answerId, parentId } = event;
  const before = touched(createdSession(context), at);
  const session = (before.leafId ?? null) === parentId ? sessionAtLeaf(before, answerId) : before;
  return {
    changes: { session, now: Math.max(context.now, at) },
    says: [sessionChanged(session, at)],
  };
});

/** The first of the queue is a message that gets no answer: it comes into the tree. */
const placeFirst = decided((context) => {
  const [first, ...queue] = context.queue;
  if (first === undefined || first.message === null) return { changes: {}, says: [] };
  const { changes, says } = placed(context, first.message);
  return { changes: { ...changes, queue }, says };
});

const startTurn = sessionSetup.enqueueActions(({ context, self, enqueue }) => {
  const [next, ...queue] = context.queue;
  if (next === undefined || next.turn === null) return;
  if (next.message !== null) {
    const { changes, says } = placed(context, next.message);
    enqueue.assign(changes);
    for (const emission of says) enqueue.emit(emission);
  }
  enqueue.assign({ running: next.turn, queue });
  const { steers: _, ...turn } = next.turn;
  enqueue.spawnChild('turn', {
    id: `turn.${turn.turnId}`,
    input: {
      ...turn,
      session: self,
      agentId: turn.pushed?.agent ?? context.agentId,
      at: context.now,
      bounds: context.turnBounds,
      yields: isSteered(queue),
    },
  });
});

const endTurn = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  if (context.running === null || !('output' in event)) return;
  enqueue.stopChild(`turn.${context.running.turnId}`);
  const { at, decided: decisions } = event.output;
  let after: SessionContext = { ...context, running: null, now: Math.max(context.now, at), pruning: [] };
  for (const command of context.pruning) {
    const { changes, says, answers = [] } = prune(after, command);
    after = { ...after, ...changes };
    for (const emission of [...says, ...answers]) enqueue.emit(emission);
  }
  if (context.titling && !after.titling) enqueue.stopChild('titler');
  enqueue.assign({ ...after, decided: decisions });
});

/** A model names the session after its first complete answer; after a later one if that fails. */
const startTitle = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  const { session, running, titling, parked, sessionId } = context;
  if (running === null || titling || parked || session?.autoTitle !== true) return;
  // There is no question that a title could be made of.
  if (running.pushed !== undefined) return;
  if (!('output' in event) || event.output.outcome !== 'completed') return;
  const { promptId, answerId, options = {} } = running;
  enqueue.assign({ titling: true });
  enqueue.spawnChild('titler', { id: 'titler', input: { sessionId, promptId, answerId, options } });
});

const endTitle = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['title.made', 'title.failed']);
  if (!context.titling) return;
  enqueue.stopChild('titler');
  const now = Math.max(context.now, event.at);
  enqueue.assign({ titling: false, now });
  // Whoever has named it meanwhile knows better.
  if (event.type === 'title.failed' || context.session?.autoTitle !== true) return;
  const session = touched(patched(context.session, { title: event.title }), event.at);
  enqueue.assign({ session });
  enqueue.emit(sessionChanged(session, now));
});

const noteDeletion = sessionSetup.assign(({ context, event }) => {
  assertEvent(event, 'session.delete');
  return { deletion: event, now: Math.max(context.now, event.at) };
});

const cancelTurn = sessionSetup.enqueueActions(({ context, enqueue }) => {
  if (context.running === null) return;
  enqueue.sendTo(`turn.${context.running.turnId}`, { type: 'turn.cancel', at: context.now });
});

const dropWaiting = sessionSetup.enqueueActions(({ context, enqueue }) => {
  const { says } = dropTurns(context.queue, () => true, context.now);
  enqueue.assign({ queue: [] });
  for (const emission of says) enqueue.emit(emission);
});

const forwardDecision = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, ['tool.approve', 'tool.deny']);
  if (context.running === null) return;
  enqueue.sendTo(`turn.${context.running.turnId}`, event);
});

/** The running turn knows whether it is offered. */
const passClaim = sessionSetup.enqueueActions(({ context, event, enqueue }) => {
  assertEvent(event, 'turn.claim');
  const { turnId } = event;
  if (context.running?.turnId === turnId) enqueue.sendTo(`turn.${turnId}`, event);
  else {
    const reason = refusal('conflict', `Turn ${turnId} is not offered: it waits, or has ended`);
    enqueue.emit(refusalOf(context.sessionId, event, reason));
  }
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

/**
 * A machine starts the children of its first step before anything that it says in that step is heard. So a turn that is
 * to begin as the session wakes begins with the next event, behind its question.
 */
const wakeUp = sessionSetup.enqueueActions(({ context, self, enqueue }) => {
  if (!context.awake) enqueue.sendTo(self, { type: 'session.woke' });
});

const noteAwake = sessionSetup.assign({ awake: true });

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
  const session = touched(createdSession(context), now);
  enqueue.emit(sessionChanged(session, now));
  enqueue.emit({ type: 'session.deleted', sessionId, at: now, data: { id: sessionId } });
  if (command === null) return;
  for (const emission of acceptance(sessionId, command, null)) enqueue.emit(emission);
});

export const sessionChart = sessionSetup.extend({
  actions: {
    create,
    update,
    archive,
    unarchive,
    handOver: decided((context, event) => {
      assertEvent(event, 'session.hand-over');
      return decideHandOver(context, event);
    }),
    close,
    reopen,
    createWithConversation,
    changeParticipants: decided((context, event) => {
      assertEvent(event, ['participant.add', 'participant.update', 'participant.remove']);
      return decideParticipant(context, event);
    }),
    addMessage: decided((context, event) => {
      assertEvent(event, 'message.add');
      return decideAdd(context, event);
    }),
    regenerate: decided((context, event) => {
      assertEvent(event, 'message.regenerate');
      return decideRegenerate(context, event);
    }),
    editMessage: decided((context, event) => {
      assertEvent(event, 'message.edit');
      return decideEdit(context, event);
    }),
    deleteMessage: decided((context, event) => {
      assertEvent(event, 'message.delete');
      return decideDelete(context, event);
    }),
    goFirst: decided((context, event) => {
      assertEvent(event, ['message.send-now', 'message.steer']);
      return decideFirst(context, event);
    }),
    selectBranch: decided((context, event) => {
      assertEvent(event, 'branch.select');
      return decideSelect(context, event);
    }),
    touch,
    placeFirst,
    startTurn,
    endTurn,
    startTitle,
    endTitle,
    noteDeletion,
    cancelTurn,
    dropWaiting,
    beginPushedTurn: decided((context, event) => {
      assertEvent(event, 'turn.start');
      return decideStart(context, event);
    }),
    cancelTurns: decided((context, event) => {
      assertEvent(event, 'turn.cancel');
      return decideCancel(context, event);
    }),
    wakeUp,
    noteAwake,
    park,
    forwardDecision,
    passClaim,
    answerDecision,
    interruptTurn,
    delete: deletion,
    refuseUnknown: refuse((context) => sessionNotFound(context.sessionId)),
    refuseClosed: refuse((context) => sessionClosed(context.sessionId)),
    refuseDuplicate: refuse((context) =>
      refusal('conflict', `Chat session ${context.sessionId} exists already`),
    ),
  },
});
