/**
 * The baseline's frames: text JSON with exactly the keys `event` and `data` (docs/protocol.md A1), and parsing of
 * clients' frames. The server's frames are written here and nowhere else.
 */
import { z } from 'zod';
import { parsedClientJson } from '../client-json.ts';
import { type CreateChatMessage, createChatMessageSchema, queuePolicySchema } from '../create-message.ts';
import { sessionIdSchema } from '../ids.ts';
import { type Outcome, type Refusal, refusal, refused } from '../refusal.ts';
import { type ValidationError, validationErrors } from '../validation.ts';

export function serverFrame(event: string, data: unknown): string {
  return `{"event":${JSON.stringify(event)},"data":${JSON.stringify(data) ?? 'null'}}`;
}

/**
 * The answer to a frame that cannot be carried out (docs/protocol.md B2). `id` repeats the frame's own, if it had
 * one.
 */
export function exceptionFrame(reason: Refusal, id?: FrameId): string {
  return serverFrame('exception', {
    status: 'error',
    code: reason.code,
    message: reason.message,
    ...(reason.retryable ? { retryable: true } : {}),
    ...(reason.retryAfterMs === undefined ? {} : { retryAfterMs: reason.retryAfterMs }),
    ...(reason.turn === undefined ? {} : { turn: reason.turn }),
    ...(id === undefined ? {} : { id }),
  });
}

export const frameIdSchema = z.union([z.string().max(128), z.number().int()]);
export type FrameId = z.infer<typeof frameIdSchema>;

/** `data` of `message.send`, the only event that baseline clients send. */
export const messageSendSchema = z
  .object({
    sessionId: sessionIdSchema,
    message: createChatMessageSchema,
    /** The same as `message.queue`, and wins over it. */
    queue: queuePolicySchema.optional(),
  })
  .meta({ id: 'MessageSend' });
export type MessageSend = z.infer<typeof messageSendSchema>;

/** The body that the message would have over REST. */
export function sentMessage({ message, queue }: MessageSend): CreateChatMessage {
  return queue === undefined ? message : { ...message, queue };
}

export type ClientFrame = {
  readonly event: 'message.send';
  readonly data: MessageSend;
  readonly id?: FrameId;
};

/** A parsed frame; or why it is not one, with its id if it had one, so that the answer can name it. */
export type Decoded<Frame> =
  | { readonly ok: true; readonly value: Frame }
  | { readonly ok: false; readonly refusal: Refusal; readonly id?: FrameId };
export type DecodedFrame = Decoded<ClientFrame>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads a frame of a baseline client, text or binary. Never throws (SPEC [FRM1]–[FRM6]). */
export function decodeClientFrame(bytes: ArrayBuffer | Uint8Array): DecodedFrame {
  const envelope = decodeEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const { event, data: given, ...id } = envelope.value;
  if (event !== 'message.send') return unknownEvent(event, id);
  const data = messageSendSchema.safeParse(given);
  return data.success ? { ok: true, value: { event, data: data.data, ...id } } : invalidData(data.error, id);
}

export type Envelope = { readonly event: string; readonly data: unknown; readonly id?: FrameId };

/** Reads the members that all client frames have. Never throws. */
export function decodeEnvelope(bytes: ArrayBuffer | Uint8Array): Decoded<Envelope> {
  const parsed = parseJson(bytes);
  if (!parsed.ok) return parsed;
  const frame = parsed.value;
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) {
    return refused(refusal('bad_frame', 'A frame must be a JSON object with "event" and "data"'));
  }
  const idGiven: unknown = Reflect.get(frame, 'id');
  const parsedId = frameIdSchema.safeParse(idGiven);
  const id = parsedId.success ? { id: parsedId.data } : {};
  if (idGiven !== undefined && !parsedId.success) {
    return refused(refusal('bad_frame', '"id" must be an integer or a string of at most 128 characters'));
  }
  const event: unknown = Reflect.get(frame, 'event');
  if (typeof event !== 'string') {
    return { ...refused(refusal('bad_frame', '"event" must be a string')), ...id };
  }
  return { ok: true, value: { event, data: Reflect.get(frame, 'data'), ...id } };
}

type Named = { readonly id?: FrameId };

export function unknownEvent(event: string, id: Named) {
  return {
    ...refused(refusal('unknown_event', `Unknown event ${JSON.stringify(event.slice(0, 64))}`)),
    ...id,
  };
}

/** Puts every issue into the message. */
export function invalidData(error: z.ZodError, id: Named) {
  return { ...refused(invalidFrame(validationErrors(error))), ...id };
}

export function invalidFrame(errors: readonly ValidationError[]): Refusal {
  const findings = errors.flatMap((entry) => Object.values(entry.constraints));
  return refusal('validation_failed', findings.join('; '));
}

function parseJson(bytes: ArrayBuffer | Uint8Array): Outcome<unknown> {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return refused(refusal('bad_utf8', 'A frame must be valid UTF-8'));
  }
  return parsedClientJson(text, 'A frame');
}
