/**
 * The command door: the one way in. It stamps commands with time and ids, admits them within bounds, and answers
 * when their effect is durable (I2, I10). Gateways know this type and nothing behind it.
 */
import type { ChatMessage, CreateChatMessage } from '../schema/chat-message.ts';
import type { ChatSession, CreateChatSession, UpdateChatSession } from '../schema/chat-session.ts';
import type { SessionId } from '../schema/ids.ts';
import type { Outcome } from '../schema/refusal.ts';
import type { RuntimeConfig, UpdateRuntimeConfig } from '../schema/runtime-config.ts';

export type CommandDoor = {
  readonly createSession: (body: CreateChatSession) => Promise<Outcome<ChatSession>>;
  readonly updateSession: (id: SessionId, patch: UpdateChatSession) => Promise<Outcome<ChatSession>>;
  readonly archiveSession: (id: SessionId) => Promise<Outcome<ChatSession>>;
  readonly deleteSession: (id: SessionId) => Promise<Outcome<null>>;
  /** Answers before the engine runs (protocol A2). */
  readonly addMessage: (session: SessionId, body: CreateChatMessage) => Promise<Outcome<ChatMessage>>;
  readonly updateConfig: (patch: UpdateRuntimeConfig) => Promise<Outcome<RuntimeConfig>>;
  /** The last committed runtime config. */
  readonly runtimeConfig: () => RuntimeConfig;
};
