/** The REST route of each command; the compiler demands one. Method, path and summary are those of the command table. */
import { z } from 'zod';
import { chatMessageSchema } from '../../../schema/chat-message.ts';
import {
  chatSessionSchema,
  createChatSessionSchema,
  updateChatSessionSchema,
} from '../../../schema/chat-session.ts';
import { commandTable } from '../../../schema/command-table.ts';
import type { SessionCommandType } from '../../../schema/commands.ts';
import { createChatMessageSchema } from '../../../schema/create-message.ts';
import { messageIdSchema, sessionIdSchema, toolCallIdSchema } from '../../../schema/ids.ts';
import { decideToolCallSchema, toolDecisionSchema } from '../../../schema/tool-decision.ts';
import { cancelledTurnsSchema } from '../../../schema/turn-record.ts';
import { type Route, route, takesNothing } from '../http/route.ts';

function described(type: SessionCommandType) {
  const { rest, summary } = commandTable[type];
  return { ...rest, summary };
}

const decision = {
  ...takesNothing,
  tag: 'tools',
  id: sessionIdSchema,
  callId: toolCallIdSchema,
  body: decideToolCallSchema,
  response: { status: 200, description: 'What was decided.', schema: toolDecisionSchema },
  refusals: [409],
} as const;

export const commandRoutes = {
  'session.create': route({
    ...described('session.create'),
    ...takesNothing,
    tag: 'chat-sessions',
    body: createChatSessionSchema,
    response: { status: 201, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { body, named }) => door.createSession(body, named),
  }),
  'session.update': route({
    ...described('session.update'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    body: updateChatSessionSchema,
    response: { status: 200, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, body, named }) => door.updateSession(id, body, named),
  }),
  'session.archive': route({
    ...described('session.archive'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    response: { status: 200, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, named }) => door.archiveSession(id, named),
  }),
  'session.delete': route({
    ...described('session.delete'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    response: { status: 204, description: 'It is gone.' },
    refusals: [409],
    answer: ({ door }, { id, named }) => door.deleteSession(id, named),
  }),
  'message.add': route({
    ...described('message.add'),
    ...takesNothing,
    tag: 'chat-messages',
    id: sessionIdSchema,
    body: createChatMessageSchema,
    response: { status: 201, description: 'The message.', schema: chatMessageSchema },
    refusals: [409, 429],
    answer: ({ door }, { id, body, named }) => door.addMessage(id, body, named),
  }),
  'turn.cancel': route({
    ...described('turn.cancel'),
    ...takesNothing,
    tag: 'chat-messages',
    id: sessionIdSchema,
    body: z.object({ messageId: messageIdSchema.optional() }).meta({ id: 'CancelTurns' }),
    response: { status: 200, description: 'What was cancelled.', schema: cancelledTurnsSchema },
    refusals: [409],
    answer: ({ door }, { id, body, named }) => door.cancelTurns(id, body.messageId, named),
  }),
  'tool.approve': route({
    ...described('tool.approve'),
    ...decision,
    answer: ({ door }, { id, callId, body, named }) => door.approveToolCall(id, callId, body.reason, named),
  }),
  'tool.deny': route({
    ...described('tool.deny'),
    ...decision,
    answer: ({ door }, { id, callId, body, named }) => door.denyToolCall(id, callId, body.reason, named),
  }),
} as const satisfies { readonly [Type in SessionCommandType]: Route };
