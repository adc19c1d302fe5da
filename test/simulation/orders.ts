/** Commands of clients. Each has a unique text, so that its effects can be told apart. */
import type { CommandDoor, Named } from '../../actors/door/command-door.ts';
import type { QueuePolicy } from '../../schema/create-message.ts';
import {
  type MessageId,
  messageIdSchema,
  type SessionId,
  spanIdSchema,
  type ToolCallId,
  type TraceId,
  traceIdSchema,
} from '../../schema/ids.ts';
import {
  type ParticipantId,
  type ParticipantRole,
  participantIdSchema,
  participantRoles,
} from '../../schema/participant.ts';
import type { Principal } from '../../schema/principal.ts';
import type { Outcome } from '../../schema/refusal.ts';
import type { SessionAction } from '../../schema/role-permissions.ts';
import { exampleDefinition } from '../fakes/example-tool.ts';
import type { SaidFrame } from './reader.ts';
import type { SimulatedSocket } from './simulated-socket.ts';
import { remoteToolNames } from './tool-names.ts';

export const orderKinds = [
  'create',
  'ask',
  'askInstead',
  'askAlone',
  'note',
  'regenerate',
  'goOn',
  'edit',
  'prune',
  'select',
  'sendNow',
  'steer',
  'rename',
  'archive',
  'unarchive',
  'close',
  'reopen',
  'join',
  'changeRole',
  'leave',
  'cancel',
  'delete',
  'configure',
  'register',
  'change',
  'rotate',
  'deactivate',
  'activate',
  'traceBegin',
  'traceAppend',
  'traceEnd',
  'approve',
  'deny',
] as const;
export type OrderKind = (typeof orderKinds)[number];

/** Commands about a message that is there. */
export const messageOrderKinds = [
  'regenerate',
  'goOn',
  'edit',
  'prune',
  'select',
  'sendNow',
  'steer',
] as const;
export type MessageOrderKind = (typeof messageOrderKinds)[number];

export function isMessageOrder(kind: OrderKind): kind is MessageOrderKind {
  return messageOrderKinds.some((one) => one === kind);
}

/** Commands about registered tools. */
export const toolOrderKinds = ['register', 'change', 'rotate', 'deactivate', 'activate'] as const;
export type ToolOrderKind = (typeof toolOrderKinds)[number];

export function isToolOrder(kind: OrderKind): kind is ToolOrderKind {
  return toolOrderKinds.some((one) => one === kind);
}

/** Commands that are addressed to the server. */
export function isGlobal(kind: OrderKind): boolean {
  return kind === 'create' || kind === 'configure' || isToolOrder(kind);
}

/** Commands to the trace that clients keep of a session. */
export function isTraceOrder(kind: OrderKind): boolean {
  return kind === 'traceBegin' || kind === 'traceAppend' || kind === 'traceEnd';
}

/** Commands for any moment; decisions need a call. */
export const plainOrderKinds = orderKinds.filter((kind) => kind !== 'approve' && kind !== 'deny');

/** What one's role in a session must allow. */
export function actionOf(kind: OrderKind): SessionAction {
  return addsMessage(kind) || isMessageOrder(kind) || kind === 'cancel' ? 'take part' : 'own';
}

/** What a session does with a message that comes while it is busy. */
const policies = { ask: 'queue', askInstead: 'replace', askAlone: 'reject' } as const;

/** Commands that add a message. */
export function addsMessage(kind: OrderKind): kind is keyof typeof policies | 'note' {
  return kind === 'note' || Object.hasOwn(policies, kind);
}

export type Order = {
  readonly number: number;
  readonly kind: OrderKind;
  /** `null` for commands that concern no session yet. */
  readonly session: SessionId | null;
  /** Named orders can be repeated: by key over REST, by message id over sockets. */
  readonly named: boolean;
  /** The id that its client chose for its message, if it is that of one in another session ([JRN27]). */
  readonly usedId?: MessageId | undefined;
  /** What to cancel; absent: everything. */
  readonly promptId?: MessageId | undefined;
  /** The message that it is about. */
  readonly messageId?: MessageId | undefined;
  /** What to decide about. */
  readonly callId?: ToolCallId | undefined;
  /** Who gives it; `undefined` in a world without authentication. */
  readonly by: Principal | undefined;
  /** The socket over which it was sent, if any. */
  via: SimulatedSocket | undefined;
  /** `lost`: nobody waits for the answer any more. */
  state: 'waiting' | 'lost' | 'answered';
  outcome: Outcome<unknown> | undefined;
};

export function newOrder(given: Omit<Order, 'state' | 'outcome' | 'via'>): Order {
  return { ...given, state: 'waiting', outcome: undefined, via: undefined };
}

/** The unique text in its title, content or features. */
export function markOf({ kind, number }: Pick<Order, 'kind' | 'number'>): string {
  return `${kind} ${number}`;
}

export function keyOf(order: Order): string {
  return `key of ${markOf(order)}`;
}

/** The client-made id of its message, if the order is named. */
export function messageIdOf(order: Order): MessageId | undefined {
  if (!order.named) return undefined;
  if (order.usedId !== undefined) return order.usedId;
  return messageIdSchema.parse(`00000000-0000-4000-9000-${order.number.toString(16).padStart(12, '0')}`);
}

/** The body of the message that it sends. */
export function messageOf(order: Order) {
  return {
    ...(order.named ? { id: messageIdOf(order) } : {}),
    role: order.kind === 'note' ? ('assistant' as const) : ('user' as const),
    content: markOf(order),
    toolCallId: undefined,
    name: undefined,
    queue: policyOf(order.kind),
  };
}

function policyOf(kind: OrderKind): QueuePolicy | undefined {
  switch (kind) {
    case 'ask':
    case 'askInstead':
    case 'askAlone':
      return policies[kind];
    default:
      return undefined;
  }
}

/** Sends it over REST. */
export function give(door: CommandDoor, order: Order): Promise<Outcome<unknown>> {
  const named: Named = order.named ? { key: keyOf(order), fingerprint: markOf(order) } : undefined;
  const { session, kind } = order;
  if (session === null) {
    return isToolOrder(kind) ? giveTool(door, order, kind, named) : giveServer(door, order, named);
  }
  switch (kind) {
    case 'ask':
    case 'askInstead':
    case 'askAlone':
    case 'note':
      return door.addMessage(session, messageOf(order), named);
    case 'regenerate':
    case 'goOn':
      return door.regenerateMessage(session, targetOf(order), { continue: kind === 'goOn' }, named);
    case 'edit':
      return door.editMessage(session, targetOf(order), { content: markOf(order) }, named);
    case 'prune':
      return door.deleteMessage(session, targetOf(order), named);
    case 'select':
      return door.selectBranch(session, targetOf(order), named);
    case 'sendNow':
      return door.sendMessageNow(session, targetOf(order), named);
    case 'steer':
      return door.steerMessage(session, targetOf(order), named);
    case 'rename':
      return door.updateSession(session, { title: markOf(order) }, named);
    case 'archive':
      return door.archiveSession(session, named);
    case 'unarchive':
      return door.unarchiveSession(session, named);
    case 'close':
      return door.closeSession(session, named);
    case 'reopen':
      return door.reopenSession(session, named);
    case 'join':
      return door.addParticipant(session, { id: whom(order), ...partOf(order) }, named);
    case 'changeRole':
      return door.updateParticipant(session, whom(order), partOf(order), named);
    case 'leave':
      return door.removeParticipant(session, whom(order), named);
    case 'delete':
      return door.deleteSession(session, named);
    case 'cancel':
      return door.cancelTurns(session, order.promptId, named);
    case 'approve':
      return door.approveToolCall(session, callOf(order), markOf(order), named);
    case 'deny':
      return door.denyToolCall(session, callOf(order), markOf(order), named);
    case 'traceBegin': {
      const id = clientTraceOf(session);
      return door.createTrace({ id, name: 'sweep', sessionId: session }, named);
    }
    case 'traceAppend':
      return door.appendSpans(clientTraceOf(session), [spanOf(order)], named);
    case 'traceEnd':
      return door.finaliseTrace(clientTraceOf(session), {}, named);
    case 'create':
    case 'configure':
    case 'register':
    case 'change':
    case 'rotate':
    case 'deactivate':
    case 'activate':
      throw new Error(`${kind} is about no session`);
  }
}

/** Mostly the same one, so that who comes is also changed and goes. */
function whom({ number }: Order): ParticipantId {
  return participantIdSchema.parse(number % 5 === 0 ? 'agent:coder' : 'key:ada');
}

/** The name is unique, so that the effect can be told apart. */
function partOf(order: Order): { readonly name: string; readonly role: ParticipantRole } {
  return { name: markOf(order), role: participantRoles[order.number % participantRoles.length] ?? 'owner' };
}

function giveServer(door: CommandDoor, order: Order, named: Named): Promise<Outcome<unknown>> {
  return order.kind === 'create'
    ? door.createSession({ title: markOf(order) }, named, order.by)
    : configured(door, order.number, named);
}

function giveTool(
  door: CommandDoor,
  order: Order,
  kind: ToolOrderKind,
  named: Named,
): Promise<Outcome<unknown>> {
  const name = remoteToolNames[order.number % remoteToolNames.length] ?? '';
  switch (kind) {
    case 'register': {
      const given = { ...exampleDefinition, inputSchema: { type: 'object' } };
      return door.registerTool({ ...given, name, description: markOf(order) }, named);
    }
    case 'change':
      return door.updateTool(
        name,
        { description: markOf(order), requiresApproval: order.number % 4 === 0 },
        named,
      );
    case 'rotate':
      return door.rotateToolSecret(name, named);
    case 'deactivate':
      return door.deactivateTool(name, named);
    case 'activate':
      return door.activateTool(name, named);
  }
}

/** A patch, a flag or a reset. */
function configured(door: CommandDoor, number: number, named: Named): Promise<Outcome<unknown>> {
  const [name, value] = [`feature ${number % 7}`, number % 2 === 0];
  if (number % 5 === 0) return door.resetConfig('a', named);
  if (number % 3 === 0) return door.setFlag({ name, value }, 'a', named);
  return door.updateConfig({ features: { [name]: value } }, 'a', named);
}

/** The one trace that clients keep of a session. */
export function clientTraceOf(session: SessionId): TraceId {
  return traceIdSchema.parse(`face${session.slice(4)}`);
}

function spanOf(order: Order) {
  const at = '2026-11-23T12:00:00.000Z';
  const id = spanIdSchema.parse(`00000000-0000-4000-b000-${order.number.toString(16).padStart(12, '0')}`);
  return { id, name: markOf(order), startedAt: at, endedAt: at };
}

function targetOf({ messageId, kind }: Order): MessageId {
  if (messageId === undefined) throw new Error(`${kind} is about no message`);
  return messageId;
}

function callOf({ callId, kind }: Order): ToolCallId {
  if (callId === undefined) throw new Error(`${kind} is about no call`);
  return callId;
}

/** The frame that sends it over a socket; only for messages and commands about them, cancellations and decisions. */
export function frameOf(order: Order): SaidFrame {
  const { session: sessionId, kind, callId, messageId, number: id } = order;
  const about = { sessionId, messageId };
  switch (kind) {
    case 'approve':
    case 'deny':
      return { event: `tool.${kind}`, data: { sessionId, callId, reason: markOf(order) }, id };
    case 'cancel':
      return { event: 'turn.cancel', data: { sessionId, messageId: order.promptId }, id };
    case 'regenerate':
    case 'goOn':
      return { event: 'message.regenerate', data: { ...about, continue: kind === 'goOn' }, id };
    case 'edit':
      return { event: 'message.edit', data: { ...about, content: markOf(order) }, id };
    case 'prune':
      return { event: 'message.delete', data: about, id };
    case 'select':
      return { event: 'branch.select', data: { sessionId, leafId: messageId }, id };
    case 'sendNow':
      return { event: 'message.send-now', data: about, id };
    case 'steer':
      return { event: 'message.steer', data: about, id };
    default:
      return { event: 'message.send', data: { sessionId, message: messageOf(order) }, id };
  }
}
