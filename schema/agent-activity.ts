/** What a session's agent is doing: data of `agent.activity` (docs/protocol.md A3; I8). */
import { z } from 'zod';
import { messageIdSchema, sessionIdSchema } from './ids.ts';

export const agentStates = ['idle', 'thinking', 'tool', 'tool-error', 'error'] as const;
export type AgentState = (typeof agentStates)[number];

export const agentActivitySchema = z
  .object({ sessionId: sessionIdSchema, state: z.enum(agentStates), timestamp: z.iso.datetime() })
  .meta({ id: 'AgentActivity' });

export type AgentActivity = z.infer<typeof agentActivitySchema>;

/** What actors emit, and the journal keeps. */
export const agentActivityFactSchema = agentActivitySchema.extend({
  /** Present at the error of an answer that had text: baseline sockets are told the end of its failure message now. */
  failedAnswerId: messageIdSchema.exactOptional(),
});
export type AgentActivityFact = z.infer<typeof agentActivityFactSchema>;

export function shownActivity({ failedAnswerId: _, ...activity }: AgentActivityFact): AgentActivity {
  return activity;
}
