/**
 * One conversation, as examples of everything that the API documents describe (SPEC [DOC3]). Each example is listed
 * with its schema, so that a document finds it wherever it shows that schema.
 */
import { z } from 'zod';
import { agentActivitySchema } from '../agent-activity.ts';
import { baselineMessageSchema, chatMessageSchema } from '../chat-message.ts';
import {
  baselineSessionSchema,
  chatSessionSchema,
  createChatSessionSchema,
  deletedMessageSchema,
  deletedSessionSchema,
  selectedBranchSchema,
  updateChatSessionSchema,
} from '../chat-session.ts';
import { configTextExample, previewConfigSchema, saveConfigSchema } from '../config-editor.ts';
import {
  createChatMessageSchema,
  editMessageSchema,
  forkSessionSchema,
  regenerateMessageSchema,
  selectBranchSchema,
} from '../create-message.ts';
import {
  executionState,
  executionStateSchema,
  executionTree,
  executionTreeSchema,
  executionTreeUpdatedSchema,
  orchestratorMetadataSchema,
} from '../execution-tree.ts';
import { storedFileSchema } from '../file.ts';
import { messageIdSchema, sessionIdSchema, toolCallIdSchema, traceIdSchema } from '../ids.ts';
import { logEntrySchema } from '../log-entry.ts';
import { modelOptionsSchema, updateModelOptionsSchema } from '../model-options.ts';
import { layoutSchema, shownLayout, shownLayoutSchema } from '../preferences.ts';
import { catalogProviderSchema } from '../provider-catalog.ts';
import { reasoningCompletedSchema, reasoningPartialSchema } from '../reasoning.ts';
import { runtimeConfigSchema, updateRuntimeConfigSchema } from '../runtime-config.ts';
import { shownToolCallSchema } from '../session-run.ts';
import { foundSessionSchema } from '../session-search.ts';
import { listedToolCallSchema, toolCallSchema } from '../stored-tool-call.ts';
import { decideToolCallFrameSchema, decideToolCallSchema, toolDecisionSchema } from '../tool-decision.ts';
import { baselineToolEventSchema, toolEventSchema } from '../tool-event.ts';
import { transcriptSchema } from '../transcript.ts';
import { cancelledTurnsSchema, turnIdentitySchema } from '../turn-record.ts';
import { turnRetryingSchema } from '../turn-retry.ts';
import { assert } from '../unreachable.ts';
import { auditExamples } from './audit-examples.ts';
import { configExamples } from './config-examples.ts';
import { cursorSchema } from './cursor.ts';
import { exampleIds } from './example-ids.ts';
import { inspectExamples } from './inspect-examples.ts';
import { keyExamples } from './key-examples.ts';
import { participantExamples } from './participant-examples.ts';
import { toolExamples } from './tool-examples.ts';
import { traceExamples } from './trace-examples.ts';
import { transcriptExample } from './transcript-example.ts';
import { turnExamples } from './turn-examples.ts';

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
} satisfies z.input<typeof baselineMessageSchema>;

const reasoning = {
  sessionId: exampleIds.session,
  messageId: exampleIds.answer,
  text: 'They want the time; the clock knows it.',
  timestamp: '2026-11-23T04:40:02.101Z',
  agentId: null,
} satisfies z.input<typeof reasoningPartialSchema>;

const listedToolCall = {
  id: exampleIds.toolCall,
  sessionId: exampleIds.session,
  turnId: exampleIds.turn,
  name: 'clock',
  status: 'completed',
  agentId: 'rehearsal',
  needsApproval: true,
  approval: { decision: 'approved' },
  startedAt: '2026-11-23T04:40:02.021Z',
  endedAt: '2026-11-23T04:40:02.201Z',
} satisfies z.input<typeof listedToolCallSchema>;

const toolEventExample = {
  sessionId: exampleIds.session,
  id: exampleIds.toolCall,
  name: 'clock',
  status: 'completed',
  arguments: '{"timeZone":"Europe/Berlin"}',
  result: '{"iso":"2026-11-23T04:40:02.200Z"}',
  timestamp: '2026-11-23T04:40:02.201Z',
  agentId: null,
} satisfies z.input<typeof baselineToolEventSchema>;

const treeExample = executionTree({
  session: { id: sessionIdSchema.parse(exampleIds.session), title: 'Clocks' },
  model: 'rehearsal',
  history: { messages: 1, bytes: 27 },
  calls: [
    {
      id: exampleIds.toolCall,
      turnId: exampleIds.turn,
      step: 1,
      name: 'clock',
      status: 'awaitingApproval',
      argumentsJson: '{"timeZone":"Europe/Berlin"}',
      result: null,
      startedAt: Date.UTC(2026, 10, 23, 4, 40, 2),
      endedAt: null,
    },
  ],
  running: {
    turnId: exampleIds.turn,
    messageId: exampleIds.prompt,
    state: 'runningTools',
    step: 1,
    attempt: 1,
  },
  now: Date.UTC(2026, 10, 23, 4, 40, 3),
});

const examples = new Map<z.ZodType, unknown>([
  ...inspectExamples,
  ...participantExamples,
  ...auditExamples,
  ...keyExamples,
  ...toolExamples,
  ...configExamples,
  ...traceExamples,
  [sessionIdSchema, exampleIds.session],
  [messageIdSchema, exampleIds.prompt],
  [traceIdSchema, exampleIds.trace],
  [cursorSchema, `${exampleIds.epoch}:41`],
  [baselineSessionSchema, session],
  [transcriptSchema, transcriptExample],
  [chatSessionSchema, { ...session, leafId: exampleIds.answer } satisfies z.input<typeof chatSessionSchema>],
  [
    storedFileSchema,
    {
      id: exampleIds.file,
      name: 'report.pdf',
      type: 'application/pdf',
      bytes: 48_213,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    } satisfies z.input<typeof storedFileSchema>,
  ],
  [
    foundSessionSchema,
    {
      ...session,
      snippets: [{ messageId: exampleIds.answer, text: 'It is twenty to five.' }],
    } satisfies z.input<typeof foundSessionSchema>,
  ],
  [
    createChatSessionSchema,
    { title: 'Clocks', description: 'What time is it?' } satisfies z.input<typeof createChatSessionSchema>,
  ],
  [
    updateChatSessionSchema,
    { title: 'Clocks and calendars', description: null } satisfies z.input<typeof updateChatSessionSchema>,
  ],
  [deletedSessionSchema, { id: exampleIds.session } satisfies z.input<typeof deletedSessionSchema>],
  [baselineMessageSchema, message],
  [
    chatMessageSchema,
    {
      ...message,
      parentId: exampleIds.prompt,
      promptId: exampleIds.prompt,
      status: 'cut-off',
      finishReason: 'length',
      parts: [
        { type: 'reasoning', text: 'They want the time; the clock knows it.' },
        { type: 'tool-call', callId: exampleIds.toolCall, name: 'clock' },
        { type: 'text', text: 'It is twenty to five.' },
      ],
    } satisfies z.input<typeof chatMessageSchema>,
  ],
  [editMessageSchema, { content: 'What day is it?' } satisfies z.input<typeof editMessageSchema>],
  [regenerateMessageSchema, {} satisfies z.input<typeof regenerateMessageSchema>],
  [forkSessionSchema, { messageId: exampleIds.answer } satisfies z.input<typeof forkSessionSchema>],
  [selectBranchSchema, { leafId: exampleIds.answer } satisfies z.input<typeof selectBranchSchema>],
  [
    selectedBranchSchema,
    { sessionId: exampleIds.session, leafId: exampleIds.answer } satisfies z.input<
      typeof selectedBranchSchema
    >,
  ],
  [
    deletedMessageSchema,
    { sessionId: exampleIds.session, id: exampleIds.answer } satisfies z.input<typeof deletedMessageSchema>,
  ],
  [
    turnIdentitySchema,
    {
      turnId: exampleIds.turn,
      sessionId: exampleIds.session,
      promptId: exampleIds.prompt,
      answerId: exampleIds.answer,
      traceId: exampleIds.trace,
    } satisfies z.input<typeof turnIdentitySchema>,
  ],
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
  [
    reasoningCompletedSchema,
    {
      ...reasoning,
      responseId: exampleIds.turn,
      metadata: { promptId: exampleIds.prompt },
    } satisfies z.input<typeof reasoningCompletedSchema>,
  ],
  [baselineToolEventSchema, toolEventExample],
  [
    toolEventSchema,
    { ...toolEventExample, approval: { decision: 'approved' } } satisfies z.input<typeof toolEventSchema>,
  ],
  [
    shownToolCallSchema,
    { ...toolEventExample, startedAt: '2026-11-23T04:40:02.199Z' } satisfies z.input<
      typeof shownToolCallSchema
    >,
  ],
  [toolCallIdSchema, exampleIds.toolCall],
  [listedToolCallSchema, listedToolCall],
  [
    toolCallSchema,
    {
      ...listedToolCall,
      arguments: '{"timeZone":"Europe/Berlin"}',
      result: '{"iso":"2026-11-23T04:40:02.200Z"}',
    } satisfies z.input<typeof toolCallSchema>,
  ],
  [decideToolCallSchema, { reason: 'Not today.' } satisfies z.input<typeof decideToolCallSchema>],
  [
    decideToolCallFrameSchema,
    { sessionId: exampleIds.session, callId: exampleIds.toolCall } satisfies z.input<
      typeof decideToolCallFrameSchema
    >,
  ],
  [
    toolDecisionSchema,
    {
      sessionId: exampleIds.session,
      callId: exampleIds.toolCall,
      decision: 'denied',
      reason: 'Not today.',
    } satisfies z.input<typeof toolDecisionSchema>,
  ],
  [
    modelOptionsSchema,
    { model: 'openai/gpt-5-mini', temperature: 0.3 } satisfies z.input<typeof modelOptionsSchema>,
  ],
  [
    updateModelOptionsSchema,
    { model: 'rehearsal', temperature: null } satisfies z.input<typeof updateModelOptionsSchema>,
  ],
  [
    catalogProviderSchema,
    {
      name: 'openai',
      label: 'OpenAI',
      adapter: 'lean',
      models: ['gpt-5-mini'],
      accepts: ['image', 'pdf'],
      available: false,
      problem: 'OPENAI_API_KEY is not set',
    } satisfies z.input<typeof catalogProviderSchema>,
  ],
  [
    turnRetryingSchema,
    {
      sessionId: exampleIds.session,
      messageId: exampleIds.prompt,
      attempt: 2,
      attemptsMax: 4,
      retryAt: '2026-11-23T04:40:05.000Z',
      errorCode: 'overloaded',
    } satisfies z.input<typeof turnRetryingSchema>,
  ],
  [executionStateSchema, executionState(treeExample)],
  [executionTreeSchema, treeExample],
  [
    executionTreeUpdatedSchema,
    { sessionId: exampleIds.session, state: treeExample } satisfies z.input<
      typeof executionTreeUpdatedSchema
    >,
  ],
  [orchestratorMetadataSchema, treeExample],
  [
    shownLayoutSchema,
    shownLayout({ layout: { panels: { traces: true } }, updatedAt: Date.UTC(2026, 10, 23, 4, 40, 2) }),
  ],
  [layoutSchema, { panels: { traces: true }, width: 320 } satisfies z.input<typeof layoutSchema>],
  [previewConfigSchema, configTextExample],
  [saveConfigSchema, { ...configTextExample, version: 'sRArX-DhDyWxHSL_IapnQE' }],
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
  ...turnExamples,
]);

/** An example that the schema accepts; composed of its parts' examples when it has none of its own. */
export function exampleOf(schema: z.ZodType): unknown {
  if (examples.has(schema)) return examples.get(schema);
  if (schema instanceof z.ZodLiteral) return schema.value;
  if (schema instanceof z.ZodArray) return [exampleOf(typeOf(schema.element))];
  if (schema instanceof z.ZodRecord) return {};
  if (schema instanceof z.ZodNullable) return exampleOf(typeOf(schema.unwrap()));
  if (schema instanceof z.ZodOptional) return exampleOf(typeOf(schema.unwrap()));
  if (schema instanceof z.ZodDefault) return schema.def.defaultValue;
  if (schema instanceof z.ZodPipe) return exampleOf(typeOf(schema.out));
  if (schema instanceof z.ZodEnum) return schema.options[0];
  if (schema instanceof z.ZodISODateTime) return '2026-11-24T20:00:02.311Z';
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodNumber) return 1;
  if (schema instanceof z.ZodBoolean) return true;
  assert(schema instanceof z.ZodObject, 'a schema of the wire has an example');
  return Object.fromEntries(
    Object.entries(schema.shape).map(([key, part]) => [key, exampleOf(typeOf(part))]),
  );
}

function typeOf(part: unknown): z.ZodType {
  assert(part instanceof z.ZodType, 'a part of a schema is a schema');
  return part;
}
