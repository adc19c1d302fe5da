/** What an outside agent is told of the conversation when it claims a turn: what a model would be given (SPEC [OFR6]). */
import type { EngineInput } from '../../machines/turn-context.ts';
import { limits } from '../../schema/limits.ts';
import type { ClaimedTurn, ContextMessage } from '../../schema/pushed-turn.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { type EngineRequestPorts, readQuestion } from '../model-calls/engine-request.ts';
import type { ModelMessage } from '../ports.ts';
import type { StoredTurn } from '../stored-rows.ts';

export type ClaimedContext = Pick<ClaimedTurn, 'options' | 'context'>;

/** Rejects when the signal aborts while the database is not available. */
export async function claimedContext(
  ports: EngineRequestPorts,
  { sessionId, promptId, answerId, continuesAt = 0, options = {} }: StoredTurn,
  signal: AbortSignal,
): Promise<ClaimedContext> {
  const input: EngineInput = {
    sessionId,
    promptId,
    answerId,
    step: 1,
    attempt: 1,
    continuesAt,
    options,
    steps: [],
    results: [],
  };
  // The agent has tools of its own, and reads the files that it wants.
  const own = { tools: { ...ports.tools, list: () => [] }, engine: { accepts: () => 'everything' as const } };
  const question = await readQuestion({ ...ports, ...own }, input, '', signal);
  const { contextTokensMax = limits.contextTokensDefault } = question.options;
  const { conversation } = question.request(contextTokensMax).request;
  return { options: question.options, context: conversation.map(shownMessage) };
}

/** Without what only the engine that gave it can read. */
function shownMessage(message: ModelMessage): ContextMessage {
  switch (message.role) {
    case 'system':
      return message;
    case 'assistant': {
      const { role, content, toolCalls } = message;
      return { role, content, toolCalls: [...toolCalls] };
    }
    case 'user':
    case 'tool': {
      const { attachments = [], ...rest } = message;
      return attachments.length === 0 ? rest : { ...rest, attachments: [...attachments] };
    }
    default:
      return unreachable(message);
  }
}
