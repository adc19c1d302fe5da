/**
 * Frames of the subprotocol `callboard.v1` (SPEC V1): those of the server and those of clients. The client library
 * takes its types from here, the gateway its validation.
 */
import { z } from 'zod';
import type { CommandFrameName } from '../command-table.ts';
import { editMessageSchema, regenerateMessageSchema, selectBranchSchema } from '../create-message.ts';
import type { EventName, SnapshotName } from '../event-table.ts';
import { messageIdSchema, sessionIdSchema, turnIdSchema } from '../ids.ts';
import { limits } from '../limits.ts';
import { scopeSchema } from '../principal.ts';
import {
  claimTurnSchema,
  failTurnSchema,
  finishTurnSchema,
  pushPartsSchema,
  startTurnSchema,
} from '../pushed-turn.ts';
import { decideToolCallFrameSchema } from '../tool-decision.ts';
import { agentNameSchema } from '../turn-offer.ts';
import { unreachable } from '../unreachable.ts';
import { type DeltaName, wireNamespaces } from '../wire-event-table.ts';
import { cursorSchema } from './cursor.ts';
import {
  type Decoded,
  decodeEnvelope,
  type FrameId,
  invalidData,
  messageSendSchema,
  unknownEvent,
} from './frame.ts';
import { type InspectSubscribe, inspectFocusSchema, inspectSubscribeSchema } from './inspect-frame.ts';

export const callboardV1Subprotocol = 'callboard.v1';

/** The same, with short deltas ([V1F1]). */
export const compactSubprotocol = 'callboard.v1.compact';

/** Data of the frames that `deltaOf` names; offset in UTF-16 units ([V1A3]). */
export const textDeltaSchema = z
  .object({
    sessionId: sessionIdSchema,
    messageId: messageIdSchema,
    offset: z.number().int().nonnegative(),
    text: z.string(),
  })
  .meta({ id: 'TextDelta' });
export type TextDelta = z.infer<typeof textDeltaSchema>;

/** What a growing text is called on the connections of this process ([V1F2]). */
export const textNumberSchema = z.number().int().positive().meta({ id: 'TextNumber' });

/** A whole frame: the number of a text, the offset of the piece, and the piece ([V1F1]). */
export const compactDeltaSchema = z
  .tuple([textNumberSchema, textDeltaSchema.shape.offset, textDeltaSchema.shape.text])
  .meta({ id: 'CompactDelta' });

/** Whom the server takes the client for ([V1A1]): it stays so for as long as the connection is open. */
export const greetedPrincipalSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable().describe('How it is shown; null: by its id.'),
    scopes: z.array(scopeSchema),
    narrowed: z
      .boolean()
      .describe('Whether no other sessions exist for it than those that its token names: it makes none.'),
  })
  .meta({ id: 'GreetedPrincipal' });
export type GreetedPrincipal = z.infer<typeof greetedPrincipalSchema>;

/** Data of `hello` ([V1A1]). */
export const helloSchema = z
  .object({
    epoch: z.string(),
    seq: z.number().int().nonnegative(),
    resumed: z.boolean(),
    principal: greetedPrincipalSchema,
    limits: z.object({
      frameBytesMax: z.number().int(),
      subscriptionsMax: z.number().int(),
      commandsInFlightMax: z.number().int(),
      heartbeatMs: z.number().int(),
    }),
  })
  .meta({ id: 'Hello' });
export type Hello = z.infer<typeof helloSchema>;

/** Only the client library makes `overrun`, for its own readers; the server never sends it. */
export const resyncReasons = ['epoch', 'retention', 'ahead', 'overrun'] as const;
export type ResyncReason = (typeof resyncReasons)[number];

/** Data of `resync` ([V1A4]). */
export const resyncSchema = z
  .object({ reason: z.enum(resyncReasons), seq: z.number().int().nonnegative() })
  .meta({ id: 'Resync' });
export type Resync = z.infer<typeof resyncSchema>;

/** Data of `heartbeat` ([V1A7]). */
export const heartbeatSchema = z.object({ seq: z.number().int().nonnegative() }).meta({ id: 'Heartbeat' });

const selection = {
  namespaces: z.array(z.enum(wireNamespaces)).min(1).max(wireNamespaces.length),
  sessionId: sessionIdSchema.optional(),
  agent: agentNameSchema
    .optional()
    .describe('Of `turns`, only those that this outside agent may claim; not together with `sessionId`.'),
} as const;

function isOfOne(given: z.core.ParsePayload<{ sessionId?: unknown; agent?: unknown }>): void {
  if (given.value.sessionId === undefined || given.value.agent === undefined) return;
  given.issues.push({
    code: 'custom',
    input: given.value,
    path: ['agent'],
    params: { constraint: 'isAlone' },
  });
}

/** Data of `subscribe` ([V1B1]). */
export const subscribeSchema = z
  .object({ ...selection, since: cursorSchema.optional() })
  .check(isOfOne)
  .meta({ id: 'Subscribe' });
export type Subscribe = z.infer<typeof subscribeSchema>;

/** Data of `unsubscribe` ([V1B2]). */
export const unsubscribeSchema = z.object(selection).check(isOfOne).meta({ id: 'Unsubscribe' });
export type Unsubscribe = z.infer<typeof unsubscribeSchema>;

/** Data of the `ack` of `subscribe`. */
export const subscribedSchema = z
  .object({ seq: z.number().int().nonnegative(), resumed: z.boolean() })
  .meta({ id: 'Subscribed' });
export type Subscribed = z.infer<typeof subscribedSchema>;

/** Data of `auth.refresh` ([TOK4]): another token of the connection's principal. */
export const refreshSchema = z
  .object({ token: z.string().min(1).max(limits.tokenCharactersMax) })
  .meta({ id: 'AuthRefresh' });

/** Data of its `ack`: when the connection ends unless it is refreshed again; `null`: never. */
export const renewedSchema = z
  .object({ expiresAt: z.iso.datetime().nullable() })
  .meta({ id: 'AuthRefreshed' });
export type Renewed = z.infer<typeof renewedSchema>;

/** Data of the frames that name one message of a session, and nothing else. */
const ofMessageSchema = z
  .object({ sessionId: sessionIdSchema, messageId: messageIdSchema })
  .meta({ id: 'MessageOfSession' });

const ofTurnSchema = z.object({ turnId: turnIdSchema });

export const callboardV1ClientEvents = {
  subscribe: subscribeSchema,
  unsubscribe: unsubscribeSchema,
  'auth.refresh': refreshSchema,
  'message.send': messageSendSchema,
  'message.regenerate': regenerateMessageSchema
    .extend(ofMessageSchema.shape)
    .meta({ id: 'RegenerateMessageFrame' }),
  'message.edit': editMessageSchema.safeExtend(ofMessageSchema.shape).meta({ id: 'EditMessageFrame' }),
  'message.delete': ofMessageSchema,
  'message.send-now': ofMessageSchema,
  'message.steer': ofMessageSchema,
  'branch.select': selectBranchSchema
    .extend({ sessionId: sessionIdSchema })
    .meta({ id: 'SelectBranchFrame' }),
  'turn.start': startTurnSchema.extend({ sessionId: sessionIdSchema }).meta({ id: 'StartTurnFrame' }),
  'turn.claim': claimTurnSchema.extend(ofTurnSchema.shape).meta({ id: 'ClaimTurnFrame' }),
  'turn.push': pushPartsSchema.extend(ofTurnSchema.shape).meta({ id: 'PushPartsFrame' }),
  'turn.finish': finishTurnSchema.extend(ofTurnSchema.shape).meta({ id: 'FinishTurnFrame' }),
  'turn.fail': failTurnSchema.extend(ofTurnSchema.shape).meta({ id: 'FailTurnFrame' }),
  'turn.cancel': z.object({ sessionId: sessionIdSchema, messageId: messageIdSchema.optional() }),
  'inspect.focus': inspectFocusSchema,
  'tool.approve': decideToolCallFrameSchema,
  'tool.deny': decideToolCallFrameSchema,
  ping: z.unknown(),
} as const satisfies { readonly [Frame in CommandFrameName]: z.ZodType } & Readonly<
  Record<string, z.ZodType>
>;
export type CallboardV1ClientEvent = keyof typeof callboardV1ClientEvents;

export type CallboardV1ClientFrame =
  | {
      [Event in CallboardV1ClientEvent]: {
        readonly event: Event;
        readonly data: z.output<(typeof callboardV1ClientEvents)[Event]>;
        readonly id?: FrameId;
      };
    }[CallboardV1ClientEvent]
  /** A `subscribe` or `unsubscribe` for the live tree, whose fields differ from the others' ([INS2]). */
  | {
      readonly event: 'inspect.subscribe' | 'inspect.unsubscribe';
      readonly data: InspectSubscribe;
      readonly id?: FrameId;
    };

/** Reads a frame, text or binary. Never throws (SPEC [V1B6]). */
export function decodeCallboardV1ClientFrame(
  bytes: ArrayBuffer | Uint8Array,
): Decoded<CallboardV1ClientFrame> {
  const envelope = decodeEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const { event, data, ...id } = envelope.value;
  if (!isClientEvent(event)) return unknownEvent(event, id);
  switch (event) {
    case 'subscribe':
    case 'unsubscribe':
      if (namesInspect(data)) {
        return checked(inspectSubscribeSchema, data, id, (valid) => ({
          event: `inspect.${event}`,
          data: valid,
          ...id,
        }));
      }
      return event === 'subscribe'
        ? checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }))
        : checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'auth.refresh':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'inspect.focus':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'message.send':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'message.regenerate':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'message.edit':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'message.delete':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'message.send-now':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'message.steer':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'branch.select':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'turn.start':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'turn.claim':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'turn.push':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'turn.finish':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'turn.fail':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'turn.cancel':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'tool.approve':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'tool.deny':
      return checked(callboardV1ClientEvents[event], data, id, (valid) => ({ event, data: valid, ...id }));
    case 'ping':
      return { ok: true, value: { event, data, ...id } };
    default:
      return unreachable(event);
  }
}

function isClientEvent(event: string): event is CallboardV1ClientEvent {
  return Object.hasOwn(callboardV1ClientEvents, event);
}

function namesInspect(data: unknown): boolean {
  const names: unknown =
    typeof data === 'object' && data !== null ? Reflect.get(data, 'namespaces') : undefined;
  return Array.isArray(names) && names.includes('inspect');
}

function checked<Schema extends z.ZodType>(
  schema: Schema,
  data: unknown,
  id: { readonly id?: FrameId },
  frame: (valid: z.output<Schema>) => CallboardV1ClientFrame,
): Decoded<CallboardV1ClientFrame> {
  const parsed = schema.safeParse(data);
  return parsed.success ? { ok: true, value: frame(parsed.data) } : invalidData(parsed.error, id);
}

/** A durable event as `callboard.v1` sends it ([V1A2]); `data` as it is shown. */
export function callboardV1DurableFrame(event: { type: EventName; data: unknown }, seq: number): string {
  return `{"event":"${event.type}","data":${JSON.stringify(event.data)},"seq":${seq}}`;
}

/**
 * Writes the deltas of one text ([V1A3]). The parts that all its deltas share are encoded once, so that a delta costs
 * the JSON of its own piece: 0.2 µs instead of 0.7 µs (docs/hot-path.md).
 */
export function callboardV1DeltaFrames(
  event: DeltaName,
  { sessionId, messageId }: Pick<TextDelta, 'sessionId' | 'messageId'>,
): (offset: number, text: string) => string {
  const ids = `"sessionId":${JSON.stringify(sessionId)},"messageId":${JSON.stringify(messageId)}`;
  const head = `{"event":"${event}","data":{${ids},"offset":`;
  return (offset, text) => `${head}${offset},"text":${JSON.stringify(text)}}}`;
}

/** A delta of a text whose number the reader knows ([V1F1]). */
export function compactDeltaFrame(number: number, offset: number, text: string): string {
  return `[${number},${offset},${JSON.stringify(text)}]`;
}

/** A delta or snapshot that also says the number of its text ([V1F2]). */
export function announcing(frame: string, number: number): string {
  return `${frame.slice(0, -1)},"number":${number}}`;
}

/** A snapshot: it has no `seq`, and later frames continue it ([V1A5]). */
export function callboardV1SnapshotFrame(event: SnapshotName, data: object): string {
  return `{"event":"${event}","data":${JSON.stringify(data)},"snapshot":true}`;
}

export function callboardV1AckFrame(id: FrameId, data: unknown): string {
  return `{"event":"ack","id":${JSON.stringify(id)},"data":${JSON.stringify(data) ?? 'null'}}`;
}
