/** The turn machine's actions for its answer: the actor that assembles its text and parts. */

import { assertEvent } from 'xstate';
import type { SessionOwner } from '../schema/authorization.ts';
import type { MessageFact } from '../schema/chat-message.ts';
import type { MessageId } from '../schema/ids.ts';
import type { MessageMark } from '../schema/message-part.ts';
import {
  addedUsage,
  costOf,
  earlyFinishReason,
  type ModelUsage,
  noUsage,
  totalTokens,
} from '../schema/model-usage.ts';
import { isoTimestamp } from '../schema/timestamp.ts';
import type { SpentTokens } from '../schema/token-spending.ts';
import type { EndedStep } from '../schema/turn-record.ts';
import type { AnswerEnd, RestoredAnswer } from './answer.ts';
import type { MessageAdded, TurnContext } from './turn-context.ts';
import { turnSetup } from './turn-setup.ts';

/** The id under which the engine actor finds the answer of the running turn: each session has its own actor system. */
export const answerSystemId = 'answer';

function answerInput(context: TurnContext, restored: RestoredAnswer | null) {
  const { sessionId, answerId: messageId, promptId, turnId, agentId } = context;
  const parentId = parentOf(context);
  // What a model goes on with stays whose it was.
  const author = context.pushed?.author ?? context.continues?.author;
  return {
    sessionId,
    messageId,
    promptId,
    parentId,
    turnId,
    agentId,
    ...(author === undefined ? {} : { author }),
    ...(restored === null ? {} : { restored }),
  };
}

const ensureAnswer = turnSetup.enqueueActions(({ context, self, enqueue }) => {
  if (context.answerSpawned) return;
  enqueue.assign({ answerSpawned: true });
  enqueue.spawnChild('answer', {
    id: 'answer',
    systemId: answerSystemId,
    input: { ...answerInput(context, silentSteps(context)), turn: self },
  });
});

/** The parts of steps in which the model asked for calls and said nothing; `null`: there were none. */
function silentSteps({ step, earlierCalls, calls }: TurnContext): RestoredAnswer | null {
  const begun = [...earlierCalls, ...calls].filter(({ status }) => status !== 'asked');
  const marks: MessageMark[] = [];
  for (let number = 1; number <= step; number++) {
    if (number > 1) marks.push({ offset: 0, part: { type: 'step', step: number } });
    for (const call of begun) {
      if (call.step !== number) continue;
      marks.push({ offset: 0, part: { type: 'tool-call', callId: call.id, name: call.name } });
    }
    const returned = begun.flatMap((call) => (call.step === number ? (call.files ?? []) : []));
    marks.push(...returned.map((part) => ({ offset: 0, part })));
  }
  return marks.length === 0 ? null : { text: null, createdAt: null, marks, reasoning: null };
}

/** Starts the answer with what there is of it already; nothing, when there is nothing. */
function startWith(
  restoredOf: (context: TurnContext) => RestoredAnswer | null | undefined,
  type: 'answer.resume' | 'answer.reopen',
) {
  return turnSetup.enqueueActions(({ context, self, enqueue }) => {
    const restored = restoredOf(context) ?? null;
    if (restored === null) return;
    enqueue.assign({ answerSpawned: true });
    enqueue.spawnChild('answer', {
      id: 'answer',
      systemId: answerSystemId,
      input: { ...answerInput(context, restored), turn: self },
    });
    enqueue.sendTo('answer', { type, at: context.now });
  });
}

const noteAnswerOpened = turnSetup.assign(({ context, event }) => {
  assertEvent(event, 'answer.opened');
  return { answerOpened: true, answerSpoke: context.answerSpoke || event.spoke };
});

const noteAnswerSpoke = turnSetup.assign({ answerSpoke: true });

/** Tells the session, which owns `updatedAt` and the leaf and emits `session.updated`. */
const tellMessageAdded = turnSetup.enqueueActions(({ context, enqueue }) => {
  enqueue.sendTo(context.session, messageAdded(context));
});

function messageAdded(context: TurnContext): MessageAdded {
  const { now, answerId } = context;
  return { type: 'message.added', at: now, answerId, parentId: parentOf(context) };
}

/** The message before the answer. */
function parentOf({ pushed, promptId }: TurnContext): MessageId | null {
  return pushed === undefined ? promptId : pushed.parentId;
}

/**
 * What was said before a call must be durable with the call: the model is told of both, in this order, even if the
 * process ends now; and the actor may not live until a person has decided.
 */
const noteCallParts = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (!context.answerSpawned) return;
  const calls = context.calls.map(({ id, name }) => ({ id, name }));
  enqueue.sendTo('answer', { type: 'answer.calls', calls, at: context.now });
});

/** The model may have reached no end of its own, and who reads the answer must know. */
const completeAnswer = turnSetup.enqueueActions(({ context, enqueue }) => {
  if (!context.answerSpawned) return;
  const finishReason = context.steps.at(-1)?.finishReason;
  const status = earlyFinishReason(finishReason) === undefined ? 'complete' : 'cut-off';
  enqueue.sendTo('answer', { type: 'answer.end', at: context.now, ...cost(context), status, finishReason });
});

function endAnswerAs(status: AnswerEnd['status']) {
  return turnSetup.enqueueActions(({ context, enqueue }) => {
    if (!context.answerSpawned) return;
    enqueue.sendTo('answer', { type: 'answer.end', at: context.now, ...cost(context), status });
  });
}

/**
 * A failure is a status of the answer, so its message must exist, though nothing was said (docs/protocol.md B11). The
 * turn itself tells of a message that its answer has not opened: a final state cannot start an actor.
 */
const failAnswer = turnSetup.enqueueActions(({ context, enqueue }) => {
  const { sessionId, now, answerOpened, answerSpoke } = context;
  if (answerOpened) {
    enqueue.sendTo('answer', { type: 'answer.end', at: now, ...cost(context), status: 'failed' });
    // Baseline clients are told of the failure by another message.
    if (answerSpoke) enqueue.sendTo(context.session, messageAdded(context));
    return;
  }
  const data = silentFailure(context);
  enqueue.emit({ type: 'message.created', sessionId, at: now, data });
  enqueue.sendTo(context.session, messageAdded(context));
  enqueue.emit({ type: 'message.updated', sessionId, at: now, data });
});

function silentFailure(context: TurnContext): MessageFact {
  const { answerId, sessionId, promptId, now } = context;
  const marks = silentSteps(context)?.marks ?? [];
  return {
    id: answerId,
    sessionId,
    role: 'assistant',
    content: '',
    createdAt: isoTimestamp(now),
    parentId: parentOf(context),
    promptId,
    status: 'failed',
    ...(marks.length === 0 ? {} : { marks: [...marks] }),
    ...costOf(cost(context)),
  };
}

/** What is known of the model and the tokens. */
function cost({ steps, continues }: TurnContext): Pick<AnswerEnd, 'model' | 'usage'> {
  return {
    model: steps.at(-1)?.model ?? continues?.model,
    usage: addedUsage(continues?.usage ?? noUsage, usageOf(steps)),
  };
}

/** What ended model calls have cost. A call that was cut off tells no cost. */
export function spentOf(
  chargedTo: SessionOwner | undefined,
  steps: readonly EndedStep[],
): { readonly spent?: SpentTokens } {
  const tokens = totalTokens(usageOf(steps));
  return chargedTo === undefined || tokens === 0 ? {} : { spent: { ...chargedTo, tokens } };
}

export function usageOf(steps: readonly EndedStep[]): ModelUsage {
  return steps.reduce((sum, step) => addedUsage(sum, step.usage), noUsage);
}

export const answerActions = {
  ensureAnswer,
  /** That of a resumed turn, with its text so far. */
  restoreAnswer: startWith(({ resumed }) => resumed?.answer, 'answer.resume'),
  /** The one that the turn goes on with streams again. */
  reopenAnswer: startWith(({ continues }) => continues, 'answer.reopen'),
  noteAnswerOpened,
  noteAnswerSpoke,
  tellMessageAdded,
  noteCallParts,
  completeAnswer,
  cancelAnswer: endAnswerAs('cancelled'),
  interruptAnswer: endAnswerAs('interrupted'),
  failAnswer,
};
