/**
 * One conversation, told as examples of everything that the API documents describe (SPEC [DOC3]). Each is listed
 * with its schema, so that a document finds it wherever it shows that schema.
 */
import { z } from 'zod';
import { agentActivitySchema } from './agent-activity.ts';
import { chatMessageSchema, createChatMessageSchema } from './chat-message.ts';
import {
  chatSessionSchema,
  createChatSessionSchema,
  deletedSessionSchema,
  updateChatSessionSchema,
} from './chat-session.ts';
import { cursorSchema } from './cursor.ts';
import { exampleIds } from './example-ids.ts';
import { messageIdSchema, sessionIdSchema, traceIdSchema } from './ids.ts';
import { inspectExamples } from './inspect-examples.ts';
import { logEntrySchema } from './log-entry.ts';
import { reasoningCompletedSchema, reasoningPartialSchema } from './reasoning.ts';
import { runtimeConfigSchema, updateRuntimeConfigSchema } from './runtime-config.ts';
import { toolCallSchema } from './session-run.ts';
import { toolEventSchema } from './tool-event.ts';
import { traceSchema } from './trace.ts';
import { cancelledTurnsSchema } from './turn-record.ts';
import { assert } from './unreachable.ts';

const session = {
  id: exampleIds.session,
  title: 'Clocks',
  status: 'active',
  createdAt: '2026-11-23T04:40:00.000Z',
  updatedAt: '2026-11-23T04:40:02.310Z',
} satisfies z.input<typeof chatSessionSchema>;

const message = {
  id: exampleIds.answer,
  sessionId: exampleIds.session,
  role: 'assistant',
  content: 'It is twenty to five.',
  createdAt: '2026-11-23T04:40:02.305Z',
} satisfies z.input<typeof chatMessageSchema>;

const toolResult = {
  sessionId: exampleIds.session,
  id: exampleIds.toolCall,
  name: 'clock',
  status: 'completed',
  arguments: '{"timeZone":"Europe/Berlin"}',
  result: '{"iso":"2026-11-23T04:40:02.200Z"}',
  timestamp: '2026-11-23T04:40:02.201Z',
  agentId: null,
} satisfies z.input<typeof toolEventSchema>;

const reasoning = {
  sessionId: exampleIds.session,
  messageId: exampleIds.answer,
  text: 'They want the time; the clock knows it.',
  timestamp: '2026-11-23T04:40:02.101Z',
  agentId: null,
} satisfies z.input<typeof reasoningPartialSchema>;

const examples = new Map<z.ZodType, unknown>([
  ...inspectExamples,
  [sessionIdSchema, exampleIds.session],
  [messageIdSchema, exampleIds.prompt],
  [traceIdSchema, exampleIds.trace],
  [cursorSchema, `${exampleIds.epoch}:41`],
  [chatSessionSchema, session],
  [
    createChatSessionSchema,
    { title: 'Clocks', description: 'What time is it?' } satisfies z.input<typeof createChatSessionSchema>,
  ],
  [
    updateChatSessionSchema,
    { title: 'Clocks and calendars', description: null } satisfies z.input<typeof updateChatSessionSchema>,
  ],
  [deletedSessionSchema, { id: exampleIds.session } satisfies z.input<typeof deletedSessionSchema>],
  [chatMessageSchema, message],
  [
    createChatMessageSchema,
    { id: exampleIds.prompt, content: 'What time is it?' } satisfies z.input<typeof createChatMessageSchema>,
  ],
  [
    cancelledTurnsSchema,
    { sessionId: exampleIds.session, cancelled: [exampleIds.prompt] } satisfies z.input<
      typeof cancelledTurnsSchema
    >,
  ],
  [
    agentActivitySchema,
    {
      sessionId: exampleIds.session,
      state: 'thinking',
      timestamp: '2026-11-23T04:40:02.020Z',
    } satisfies z.input<typeof agentActivitySchema>,
  ],
  [reasoningPartialSchema, reasoning],
  [reasoningCompletedSchema, reasoning satisfies z.input<typeof reasoningCompletedSchema>],
  [
    traceSchema,
    {
      id: exampleIds.trace,
      sessionId: exampleIds.session,
      name: 'engine.run',
      status: 'completed',
      durationMs: 290,
      metadata: { messageId: exampleIds.prompt, responseCount: 1 },
      createdAt: '2026-11-23T04:40:02.018Z',
      updatedAt: '2026-11-23T04:40:02.308Z',
    } satisfies z.input<typeof traceSchema>,
  ],
  [toolEventSchema, toolResult],
  [
    toolCallSchema,
    { ...toolResult, startedAt: '2026-11-23T04:40:02.199Z' } satisfies z.input<typeof toolCallSchema>,
  ],
  [
    runtimeConfigSchema,
    {
      features: { traces: true, logs: true, chat: true },
      theme: 'dark',
    } satisfies z.input<typeof runtimeConfigSchema>,
  ],
  [
    updateRuntimeConfigSchema,
    { features: { logs: false }, theme: 'aurora' } satisfies z.input<typeof updateRuntimeConfigSchema>,
  ],
  [
    logEntrySchema,
    {
      id: exampleIds.logEntry,
      level: 'info',
      message: 'Manual log emission',
      context: { source: 'api' },
      createdAt: '2026-11-23T04:40:00.000Z',
    } satisfies z.input<typeof logEntrySchema>,
  ],
]);

/** An example that the schema accepts; put together from those of its parts when it has none of its own. */
export function exampleOf(schema: z.ZodType): unknown {
  if (examples.has(schema)) return examples.get(schema);
  if (schema instanceof z.ZodLiteral) return schema.value;
  if (schema instanceof z.ZodArray) return [exampleOf(typeOf(schema.element))];
  if (schema instanceof z.ZodRecord) return {};
  if (schema instanceof z.ZodOptional) return exampleOf(typeOf(schema.unwrap()));
  if (schema instanceof z.ZodDefault) return schema.def.defaultValue;
  if (schema instanceof z.ZodPipe) return exampleOf(typeOf(schema.out));
  if (schema instanceof z.ZodEnum) return schema.options[0];
  assert(schema instanceof z.ZodObject, 'a schema of the wire has an example');
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, part]) => [key, exampleOf(typeOf(part))]),
  );
}

function typeOf(part: unknown): z.ZodType {
  assert(part instanceof z.ZodType, 'a part of a schema is a schema');
  return part;
}
