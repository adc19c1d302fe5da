/**
 * Branded identifiers: a `SessionId` cannot be passed where a `TurnId` is meant.
 *
 * On the wire every id is a UUID of any version, the nil and max UUIDs included, and is compared exactly as
 * given: no case folding (docs/protocol.md A2, SPEC [HTTP6]).
 */
import { z } from 'zod';

/** The text form of every id; also used to check route parameters. */
export const uuidSchema = z.uuid();

export const sessionIdSchema = uuidSchema.brand<'SessionId'>();
export const messageIdSchema = uuidSchema.brand<'MessageId'>();
export const turnIdSchema = uuidSchema.brand<'TurnId'>();
export const toolCallIdSchema = uuidSchema.brand<'ToolCallId'>();
export const traceIdSchema = uuidSchema.brand<'TraceId'>();
export const spanIdSchema = uuidSchema.brand<'SpanId'>();
export const logEntryIdSchema = uuidSchema.brand<'LogEntryId'>();
export const fileIdSchema = uuidSchema.brand<'FileId'>();
export const commandIdSchema = uuidSchema.brand<'CommandId'>();
export const keyIdSchema = uuidSchema.brand<'KeyId'>();

export type SessionId = z.infer<typeof sessionIdSchema>;
export type MessageId = z.infer<typeof messageIdSchema>;
export type TurnId = z.infer<typeof turnIdSchema>;
export type ToolCallId = z.infer<typeof toolCallIdSchema>;
export type TraceId = z.infer<typeof traceIdSchema>;
/** Unique within its trace. */
export type SpanId = z.infer<typeof spanIdSchema>;
export type LogEntryId = z.infer<typeof logEntryIdSchema>;
export type FileId = z.infer<typeof fileIdSchema>;
/** Of a stored key; its principal is `key:<id>`. */
export type KeyId = z.infer<typeof keyIdSchema>;
/** Names one command: commands with the same id take effect once (I10). Made by the client, or at the door. */
export type CommandId = z.infer<typeof commandIdSchema>;

export function isUuid(text: string): boolean {
  return uuidSchema.safeParse(text).success;
}
