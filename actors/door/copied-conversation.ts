/** A conversation under new ids, so that the copy and what was copied share nothing. */
import type { MessageFact } from '../../schema/chat-message.ts';
import {
  type MessageId,
  type SessionId,
  type ToolCallId,
  type TraceId,
  type TurnId,
  toolCallIdSchema,
} from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type { MessageMark } from '../../schema/message-part.ts';
import type { EndedStep } from '../../schema/turn-record.ts';
import type { Ids } from '../ports.ts';

/** Every id of the same kind becomes the same new id. */
export function copiedConversation(
  { leafId, messages, turns, calls }: ImportedConversation,
  session: SessionId,
  ids: Ids,
): ImportedConversation {
  const message = renaming<MessageId>(ids);
  const turn = renaming<TurnId>(ids);
  const call = renaming<ToolCallId>(ids);
  const trace = renaming<TraceId>(ids);
  const marked = ({ offset, part }: MessageMark): MessageMark =>
    part?.type === 'tool-call' ? { offset, part: { ...part, callId: call(part.callId) } } : { offset, part };
  return {
    leafId: leafId && message(leafId),
    messages: messages.map(
      ({ id, parentId, promptId, marks, ...rest }): MessageFact => ({
        ...rest,
        id: message(id),
        sessionId: session,
        ...(parentId === undefined ? {} : { parentId: parentId && message(parentId) }),
        ...(promptId === undefined ? {} : { promptId: message(promptId) }),
        ...(marks === undefined ? {} : { marks: marks.map(marked) }),
      }),
    ),
    turns: turns.map(({ turnId, promptId, answerId, traceId, trace: run, steps, ...rest }) => ({
      ...rest,
      steps: steps.map((step) => signedStep(step, call)),
      turnId: turn(turnId),
      promptId: message(promptId),
      answerId: message(answerId),
      traceId: trace(traceId),
      ...(run === undefined
        ? {}
        : {
            trace: {
              ...run,
              id: trace(run.id),
              sessionId: session,
              ...(run.metadata?.['messageId'] === undefined
                ? {}
                : { metadata: { ...run.metadata, messageId: message(promptId) } }),
            },
          }),
    })),
    calls: calls.map(({ id, turnId, ...rest }) => ({ ...rest, id: call(id), turnId: turn(turnId) })),
  };
}

/** What a provider wants back with a call is kept by the id of the call. */
function signedStep({ continuation, ...step }: EndedStep, call: (id: ToolCallId) => ToolCallId): EndedStep {
  if (continuation?.calls === undefined) return continuation === undefined ? step : { ...step, continuation };
  const calls = Object.entries(continuation.calls).map(([id, value]) => {
    const known = toolCallIdSchema.safeParse(id);
    return [known.success ? call(known.data) : id, value] as const;
  });
  return { ...step, continuation: { ...continuation, calls: Object.fromEntries(calls) } };
}

function renaming<Id extends string>(ids: Ids): (id: Id) => Id {
  const names = new Map<Id, Id>();
  return (id) => {
    const known = names.get(id) ?? ids.next<Id>();
    names.set(id, known);
    return known;
  };
}
