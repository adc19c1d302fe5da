/** The REST route of each command but the import; the compiler demands one. Method, path and summary are those of the command table. */
import { z } from 'zod';
import type { Named } from '../../../actors/door/command-door.ts';
import { handOverSessionSchema } from '../../../schema/audit.ts';
import { chatMessageSchema } from '../../../schema/chat-message.ts';
import {
  chatSessionSchema,
  createChatSessionSchema,
  updateChatSessionSchema,
} from '../../../schema/chat-session.ts';
import type { SessionCommandType } from '../../../schema/commands.ts';
import {
  createChatMessageSchema,
  type EditMessage,
  editMessageSchema,
  forkSessionSchema,
  regenerateMessageSchema,
  selectBranchSchema,
} from '../../../schema/create-message.ts';
import { messageIdSchema, type SessionId, sessionIdSchema, toolCallIdSchema } from '../../../schema/ids.ts';
import { lengthErrors, messageBytesMax } from '../../../schema/message-bounds.ts';
import {
  addParticipantSchema,
  participantIdSchema,
  participantSchema,
  updateParticipantSchema,
} from '../../../schema/participant.ts';
import { hasScope } from '../../../schema/principal.ts';
import { missingScope, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { decideToolCallSchema, toolDecisionSchema } from '../../../schema/tool-decision.ts';
import { cancelledTurnsSchema, turnIdentitySchema } from '../../../schema/turn-record.ts';
import type { ValidationError } from '../../../schema/validation.ts';
import { type GatewayServices, type Route, route, type TakenBody, takesNothing } from '../http/route.ts';
import { described } from './described-command.ts';
import { claimTurnRoute, startTurnRoute } from './turn-routes.ts';

const decision = {
  ...takesNothing,
  tag: 'tools',
  id: sessionIdSchema,
  callId: toolCallIdSchema,
  body: decideToolCallSchema,
  response: { status: 200, description: 'What was decided.', schema: toolDecisionSchema },
  refusals: [409],
} as const;

/** The routes whose body is a message. */
const takesMessage = {
  takes: { form: 'json', bytesMax: ({ messageBounds }) => messageBytesMax(messageBounds) },
  bodyErrors: ({ messageBounds }, body) => lengthErrors(body, messageBounds),
} as const satisfies {
  takes: TakenBody;
  bodyErrors: (services: GatewayServices, body: EditMessage) => readonly ValidationError[];
};

const ofMessage = {
  ...takesNothing,
  tag: 'chat-messages',
  id: sessionIdSchema,
  messageId: messageIdSchema,
} as const;

/** A command that changes the session itself and needs nothing but its id. */
function ofSession(
  type: SessionCommandType,
  give: (door: GatewayServices['door'], id: SessionId, named: Named) => Promise<Outcome<unknown>>,
): Route {
  return route({
    ...described(type),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    response: { status: 200, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, named }) => give(door, id, named),
  });
}

const ofParticipants = {
  ...takesNothing,
  tag: 'participants',
  id: sessionIdSchema,
  refusals: [409],
} as const;

export const commandRoutes = {
  'session.create': route({
    ...described('session.create'),
    makesSession: true,
    ...takesNothing,
    tag: 'chat-sessions',
    body: createChatSessionSchema,
    response: { status: 201, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { body, named, principal }) => door.createSession(body, named, principal),
  }),
  'session.update': route({
    ...described('session.update'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    body: updateChatSessionSchema,
    response: { status: 200, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, body, named, principal }) => door.updateSession(id, body, named, principal),
  }),
  'session.archive': ofSession('session.archive', (door, id, named) => door.archiveSession(id, named)),
  'session.unarchive': ofSession('session.unarchive', (door, id, named) => door.unarchiveSession(id, named)),
  'session.hand-over': route({
    ...described('session.hand-over'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    body: handOverSessionSchema,
    response: { status: 200, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, body, principal, named }) => {
      if (!hasScope(principal, 'sessions:all')) return refused(missingScope('sessions:all'));
      // Nobody sees a session of another tenant, so it is in that of the principal.
      const { owner, tenant = principal.tenant } = body;
      if (principal.tenant !== null && tenant !== principal.tenant) {
        return refused(
          refusal('forbidden', 'Sessions are given to another tenant by those who have no tenant'),
        );
      }
      return door.handOverSession(id, { owner, tenant }, principal.id, named);
    },
  }),
  'session.close': ofSession('session.close', (door, id, named) => door.closeSession(id, named)),
  'session.reopen': ofSession('session.reopen', (door, id, named) => door.reopenSession(id, named)),
  'session.delete': route({
    ...described('session.delete'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    response: { status: 204, description: 'It is gone.' },
    refusals: [409],
    answer: ({ door }, { id, named }) => door.deleteSession(id, named),
  }),
  'participant.add': route({
    ...described('participant.add'),
    ...ofParticipants,
    body: addParticipantSchema,
    response: { status: 201, description: 'The participant.', schema: participantSchema },
    answer: ({ door }, { id, body, named }) => door.addParticipant(id, body, named),
  }),
  'participant.update': route({
    ...described('participant.update'),
    ...ofParticipants,
    name: participantIdSchema,
    body: updateParticipantSchema,
    response: { status: 200, description: 'The participant.', schema: participantSchema },
    answer: ({ door }, { id, name, body, named }) => door.updateParticipant(id, name, body, named),
  }),
  'participant.remove': route({
    ...described('participant.remove'),
    ...ofParticipants,
    name: participantIdSchema,
    response: { status: 204, description: 'It takes part no longer.' },
    answer: ({ door }, { id, name, named }) => door.removeParticipant(id, name, named),
  }),
  'message.add': route({
    ...described('message.add'),
    ...takesNothing,
    ...takesMessage,
    tag: 'chat-messages',
    id: sessionIdSchema,
    body: createChatMessageSchema,
    response: { status: 201, description: 'The message.', schema: chatMessageSchema },
    refusals: [409, 429],
    answer: ({ door }, { id, body, named, principal }) => door.addMessage(id, body, named, principal),
  }),
  'message.regenerate': route({
    ...described('message.regenerate'),
    ...ofMessage,
    body: regenerateMessageSchema,
    response: {
      status: 201,
      description: 'The new turn, and the id of the message that will hold its answer.',
      schema: turnIdentitySchema,
    },
    refusals: [409, 429],
    answer: ({ door }, { id, messageId, body, named, principal }) =>
      door.regenerateMessage(id, messageId, body, named, principal),
  }),
  'message.edit': route({
    ...described('message.edit'),
    ...ofMessage,
    ...takesMessage,
    body: editMessageSchema,
    response: {
      status: 201,
      description: 'The new version of the question, or the message that waits.',
      schema: chatMessageSchema,
    },
    refusals: [409, 429],
    answer: ({ door }, { id, messageId, body, named, principal }) =>
      door.editMessage(id, messageId, body, named, principal),
  }),
  'message.delete': route({
    ...described('message.delete'),
    ...ofMessage,
    response: { status: 204, description: 'It is gone.' },
    refusals: [409],
    answer: ({ door }, { id, messageId, named }) => door.deleteMessage(id, messageId, named),
  }),
  'message.send-now': route({
    ...described('message.send-now'),
    ...ofMessage,
    response: { status: 200, description: 'The message.', schema: chatMessageSchema },
    refusals: [409],
    answer: ({ door }, { id, messageId, named }) => door.sendMessageNow(id, messageId, named),
  }),
  'message.steer': route({
    ...described('message.steer'),
    ...ofMessage,
    response: { status: 200, description: 'The message.', schema: chatMessageSchema },
    refusals: [409],
    answer: ({ door }, { id, messageId, named }) => door.steerMessage(id, messageId, named),
  }),
  'branch.select': route({
    ...described('branch.select'),
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    body: selectBranchSchema,
    response: { status: 200, description: 'The session, with its new leaf.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, body, named }) => door.selectBranch(id, body.leafId, named),
  }),
  'session.fork': route({
    ...described('session.fork'),
    makesSession: true,
    ...takesNothing,
    tag: 'chat-sessions',
    id: sessionIdSchema,
    body: forkSessionSchema,
    response: { status: 201, description: 'The new session.', schema: chatSessionSchema },
    refusals: [409],
    answer: ({ door }, { id, body, named, principal }) => door.forkSession(id, body, named, principal),
  }),
  'turn.start': startTurnRoute,
  'turn.claim': claimTurnRoute,
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
} as const satisfies { readonly [Type in Exclude<SessionCommandType, 'session.import'>]: Route };
