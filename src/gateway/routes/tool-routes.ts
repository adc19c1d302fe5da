/** Tool calls over REST: whole arguments and results, which frames show as previews, and people's decisions. */
import { z } from 'zod';
import type { StoredToolCall } from '../../../actors/stored-rows.ts';
import { visibilityOf } from '../../../schema/authorization.ts';
import { sessionIdSchema, toolCallIdSchema } from '../../../schema/ids.ts';
import { accepted, refused, sessionNotFound, toolCallNotFound } from '../../../schema/refusal.ts';
import { listedToolCallSchema, type ToolCall, toolCallSchema } from '../../../schema/stored-tool-call.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import { toolEventStatuses } from '../../../schema/tool-event.ts';
import { pageLimit } from '../http/page-limit.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { commandRoutes } from './command-routes.ts';

const callPage = z.object({
  limit: pageLimit,
  before: toolCallIdSchema.optional(),
  /** Keeps only the page's rows with this status, such as `awaitingApproval`. */
  status: z.enum(toolEventStatuses).optional(),
});

function toolCall(call: StoredToolCall): ToolCall {
  const { id, sessionId, turnId, name, status, agentId, needsApproval, approval } = call;
  return {
    id,
    sessionId,
    turnId,
    name,
    status,
    arguments: call.argumentsJson,
    result: call.result,
    ...(call.files === undefined ? {} : { files: [...call.files] }),
    agentId,
    needsApproval,
    ...(call.approvalDeadline === null ? {} : { approvalDeadline: isoTimestamp(call.approvalDeadline) }),
    ...(approval === null ? {} : { approval }),
    startedAt: isoTimestamp(call.startedAt),
    ...(call.endedAt === null ? {} : { endedAt: isoTimestamp(call.endedAt) }),
  };
}

function listedToolCall(call: StoredToolCall) {
  const { arguments: _, result: __, ...listed } = toolCall(call);
  return listed;
}

export const toolRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/tool-calls',
    tag: 'tools',
    summary:
      'Lists the tool calls of all sessions that have a status, such as those that wait for a person ' +
      '(`awaitingApproval`), oldest first; the newest `limit` of them.',
    query: callPage.extend({ status: z.enum(toolEventStatuses) }),
    response: { status: 200, description: 'Tool calls.', schema: z.array(listedToolCallSchema) },
    answer: async ({ readModel }, { query, principal }) => {
      const { status, ...page } = query;
      const calls = await readModel.toolCallsWith(status, page, visibilityOf(principal));
      return accepted(calls.map(listedToolCall));
    },
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions/:id/tool-calls',
    tag: 'tools',
    summary: 'Lists the tool calls of a session, oldest first; the newest `limit` of them.',
    id: sessionIdSchema,
    query: callPage,
    response: { status: 200, description: 'Tool calls.', schema: z.array(listedToolCallSchema) },
    answer: async ({ readModel }, { id, query }) => {
      if ((await readModel.session(id)) === undefined) return refused(sessionNotFound(id));
      const { status, ...page } = query;
      const calls = await readModel.sessionToolCalls(id, page);
      return accepted(
        calls.filter((call) => status === undefined || call.status === status).map(listedToolCall),
      );
    },
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions/:id/tool-calls/:callId',
    tag: 'tools',
    summary: 'Reads a tool call with its whole arguments and result.',
    id: sessionIdSchema,
    callId: toolCallIdSchema,
    response: { status: 200, description: 'The tool call.', schema: toolCallSchema },
    answer: async ({ readModel }, { id, callId }) => {
      const call = await readModel.toolCall(callId);
      if (call !== undefined && call.sessionId === id) return accepted(toolCall(call));
      const session = await readModel.session(id);
      return refused(session === undefined ? sessionNotFound(id) : toolCallNotFound(callId));
    },
  }),
  commandRoutes['tool.approve'],
  commandRoutes['tool.deny'],
];
