/** Commands of clients. Each has a unique text, so that its effects can be told apart. */
import type { CommandDoor, Named } from '../../actors/door/command-door.ts';
import { type MessageId, messageIdSchema, type SessionId, type ToolCallId } from '../../schema/ids.ts';
import type { Outcome } from '../../schema/refusal.ts';
import type { SimulatedSocket } from './simulated-socket.ts';

export const orderKinds = [
  'create',
  'ask',
  'note',
  'rename',
  'archive',
  'cancel',
  'delete',
  'configure',
  'approve',
  'deny',
] as const;
/** Commands for any moment; decisions need a call. */
export const plainOrderKinds = orderKinds.filter((kind) => kind !== 'approve' && kind !== 'deny');
export type OrderKind = (typeof orderKinds)[number];

export type Order = {
  readonly number: number;
  readonly kind: OrderKind;
  /** `null` for commands that concern no session yet. */
  readonly session: SessionId | null;
  /** Named orders can be repeated: by key over REST, by message id over sockets. */
  readonly named: boolean;
  /** What to cancel; absent: everything. */
  readonly promptId?: MessageId | undefined;
  /** What to decide about. */
  readonly callId?: ToolCallId | undefined;
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
  return messageIdSchema.parse(`00000000-0000-4000-9000-${order.number.toString(16).padStart(12, '0')}`);
}

/** The body of the message that it sends. */
export function messageOf(order: Order) {
  return {
    ...(order.named ? { id: messageIdOf(order) } : {}),
    role: order.kind === 'ask' ? ('user' as const) : ('assistant' as const),
    content: markOf(order),
    toolCallId: undefined,
    name: undefined,
  };
}

/** Sends it over REST. */
export function give(door: CommandDoor, order: Order): Promise<Outcome<unknown>> {
  const named: Named = order.named ? { key: keyOf(order), fingerprint: markOf(order) } : undefined;
  const { session, kind } = order;
  if (session === null) {
    return kind === 'create'
      ? door.createSession({ title: markOf(order) }, named)
      : door.updateConfig({ features: { [`feature ${order.number % 7}`]: order.number % 2 === 0 } }, named);
  }
  switch (kind) {
    case 'ask':
    case 'note':
      return door.addMessage(session, messageOf(order), named);
    case 'rename':
      return door.updateSession(session, { title: markOf(order) }, named);
    case 'archive':
      return door.archiveSession(session, named);
    case 'delete':
      return door.deleteSession(session, named);
    case 'cancel':
      return door.cancelTurns(session, order.promptId, named);
    case 'approve':
      return door.approveToolCall(session, callOf(order), markOf(order), named);
    case 'deny':
      return door.denyToolCall(session, callOf(order), markOf(order), named);
    case 'create':
    case 'configure':
      throw new Error(`${kind} is about no session`);
  }
}

function callOf({ callId, kind }: Order): ToolCallId {
  if (callId === undefined) throw new Error(`${kind} is about no call`);
  return callId;
}

/** The frame that sends it over a socket; only for messages, cancellations and decisions. */
export function frameOf(order: Order): object {
  const { session: sessionId, kind, callId } = order;
  if (kind === 'approve' || kind === 'deny') {
    return { event: `tool.${kind}`, data: { sessionId, callId, reason: markOf(order) }, id: order.number };
  }
  return order.kind === 'cancel'
    ? { event: 'turn.cancel', data: { sessionId, messageId: order.promptId }, id: order.number }
    : { event: 'message.send', data: { sessionId, message: messageOf(order) }, id: order.number };
}
