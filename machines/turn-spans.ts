/** The turn machine's actions that tell its spans: one for each attempt at a model call, and one for the whole. */
import { modelCallSpan, turnSpan } from './run-spans.ts';
import { usageOf } from './turn-answer.ts';
import type { TurnContext, TurnEvent } from './turn-context.ts';
import { turnSetup } from './turn-setup.ts';

const noteAttempt = turnSetup.assign({ attemptAt: ({ context }) => context.now });

/** On the way out of the call, whatever ended it. A call that was not made yet has no span. */
const tellModelCall = turnSetup.enqueueActions(({ context, event, enqueue }) => {
  const { attemptAt, sessionId, traceId, turnId, step, attempt, options } = context;
  if (attemptAt === null) return;
  const ended = event.type === 'engine.finished' ? event : null;
  enqueue.assign({ attemptAt: null });
  enqueue.emit(
    modelCallSpan({
      ...{ sessionId, traceId, turnId, step, attempt },
      startedAt: attemptAt,
      endedAt: Math.max(context.now, 'at' in event ? event.at : context.now),
      errorType: modelCallError(event),
      requestModel: options?.model,
      responseModel: ended?.model,
      finishReason: ended?.finishReason,
      usage: ended?.usage,
    }),
  );
});

function modelCallError(event: TurnEvent): string | null {
  switch (event.type) {
    case 'engine.finished':
      return null;
    case 'engine.failed':
      return event.code ?? 'unknown';
    case 'turn.cancel':
      return 'cancelled';
    case 'turn.interrupt':
      return 'interrupted';
    default:
      return event.type.startsWith('xstate.after.') ? 'timeout' : 'internal';
  }
}

/** Before the end of its trace is told, which is the last of it (I6). */
function tellTurn(errorOf: (context: TurnContext) => string | null) {
  return turnSetup.emit(({ context }) => {
    const { sessionId, traceId, turnId, agentId, traceCreatedAt, at, now, steps } = context;
    return turnSpan({
      ...{ sessionId, traceId, turnId, agentId },
      startedAt: traceCreatedAt ?? at,
      endedAt: now,
      errorType: errorOf(context),
      usage: usageOf(steps),
    });
  });
}

export const spanActions = {
  noteAttempt,
  tellModelCall,
  tellCompleted: tellTurn(() => null),
  tellFailed: tellTurn(({ errorCode }) => errorCode ?? 'unknown'),
  tellCancelled: tellTurn(() => 'cancelled'),
  tellInterrupted: tellTurn(() => 'interrupted'),
};
