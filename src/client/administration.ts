/**
 * The entry `callboard/client/administration`: everything about sessions but what is said in them, and single reads.
 *
 * @example
 * const { findSessions, archiveSession } = administration(client);
 */
import type { ChatSession } from '../../schema/chat-session.ts';
import type { CreateTrace, FinaliseTrace } from '../../schema/client-trace.ts';
import type {
  ConfigPreview,
  ConfigSchemaDocument,
  EditedConfig,
  SaveConfig,
} from '../../schema/config-editor.ts';
import type { UpdateModelOptions } from '../../schema/model-options.ts';
import type { Participant, ParticipantRole } from '../../schema/participant.ts';
import type { ProviderCatalogBody } from '../../schema/provider-catalog.ts';
import type {
  CatalogTool,
  RegisteredTool,
  RegisterTool,
  ToolWithSecret,
  UpdateTool,
} from '../../schema/registered-tool.ts';
import type { ConfigChange, RuntimeConfig } from '../../schema/runtime-config.ts';
import type { FoundSession, SessionQuery } from '../../schema/session-search.ts';
import type { ListedToolCall, ToolCall } from '../../schema/stored-tool-call.ts';
import type { Trace } from '../../schema/trace.ts';
import type { AppendedSpans, GivenSpan, TraceSpan } from '../../schema/trace-span.ts';
import type { Client } from './client.ts';

export type {
  ConfigPreview,
  ConfigSchemaDocument,
  EditedConfig,
  SaveConfig,
} from '../../schema/config-editor.ts';
export type { ModelOptions } from '../../schema/model-options.ts';
export type { Participant, ParticipantRole } from '../../schema/participant.ts';
export type {
  CatalogTool,
  RegisteredTool,
  ToolWithSecret,
  UpdateTool,
} from '../../schema/registered-tool.ts';
export type { ConfigChange, RuntimeConfig } from '../../schema/runtime-config.ts';
export type { FoundSession, SearchSnippet } from '../../schema/session-search.ts';
export type { ListedToolCall, ToolCall } from '../../schema/stored-tool-call.ts';
export type { Trace } from '../../schema/trace.ts';
export type { GivenSpan, TraceSpan } from '../../schema/trace-span.ts';

/** A tool to register; what is left out has its default. */
export type NewTool = Pick<RegisterTool, 'name' | 'description' | 'inputSchema' | 'url'> &
  Partial<RegisterTool>;

/** A provider of models that a client can choose from. */
export type ModelProvider = ProviderCatalogBody[number];

/** What to find; times are ISO 8601. */
export type FindSessions = {
  readonly q?: string | undefined;
  readonly status?: ChatSession['status'] | undefined;
  readonly activity?: SessionQuery['activity'] | undefined;
  readonly updatedAfter?: string | undefined;
  readonly updatedBefore?: string | undefined;
  /** The id of somebody who takes part. */
  readonly participant?: string | undefined;
  /** The id of an agent that takes part. */
  readonly agent?: string | undefined;
  readonly limit?: number | undefined;
  readonly before?: string | undefined;
};

export type UpdatedKeys = {
  readonly title?: string;
  readonly description?: string | null;
  readonly options?: UpdateModelOptions | null;
};

export type Administration = {
  /** Changes a session's title, its description (`null`: none) or options (`null`: none); resolves with the session. */
  readonly updateSession: (id: string, change: UpdatedKeys) => Promise<ChatSession>;
  /** Archives a session; it still takes messages. */
  readonly archiveSession: (id: string) => Promise<ChatSession>;
  /** Takes a session out of the archive. */
  readonly unarchiveSession: (id: string) => Promise<ChatSession>;
  /** Gives a session to another principal; needs the scopes `admin` and `sessions:all`. */
  readonly handOverSession: (
    id: string,
    to: { readonly owner: string; readonly tenant?: string | null },
  ) => Promise<ChatSession>;
  /** Closes a session: it takes no more messages. What it took before is still answered. */
  readonly closeSession: (id: string) => Promise<ChatSession>;
  /** Opens a closed session again. */
  readonly reopenSession: (id: string) => Promise<ChatSession>;
  /** Reads who takes part in a session once, in the order in which they were added. */
  readonly readParticipants: (id: string) => Promise<readonly Participant[]>;
  /** Lets somebody take part; `conflict` if that id does already, in another way. */
  readonly addParticipant: (
    id: string,
    participant: { readonly id: string; readonly name?: string; readonly role: ParticipantRole },
  ) => Promise<Participant>;
  /** Changes a participant's role or name (`null`: none); `conflict` if that would leave no owner. */
  readonly updateParticipant: (
    id: string,
    participantId: string,
    change: { readonly name?: string | null; readonly role?: ParticipantRole },
  ) => Promise<Participant>;
  /** Ends the part of a participant; `conflict` if that would leave no owner. */
  readonly removeParticipant: (id: string, participantId: string) => Promise<void>;
  /** Deletes a session and what belongs to it, and cancels its answer. */
  readonly deleteSession: (id: string) => Promise<void>;
  /** Creates a session from a transcript in JSON form (`GET /chat-sessions/:id/transcript?format=json`). */
  readonly importSession: (transcript: object) => Promise<ChatSession>;
  /**
   * Finds sessions once. With `q`, a text to find in titles and messages, each has `snippets`; the other keys filter.
   * `before` is the last session of the page before.
   */
  readonly findSessions: (query: FindSessions) => Promise<readonly FoundSession[]>;
  /** Reads a tool call once, with its whole arguments and result; runs have only previews. */
  readonly readToolCall: (sessionId: string, callId: string) => Promise<ToolCall>;
  /** Reads the tool calls of all sessions with a status once: `awaitingApproval` are those that wait for a person. */
  readonly readToolCalls: (query: {
    readonly status: ToolCall['status'];
    readonly limit?: number;
    readonly before?: string;
  }) => Promise<readonly ListedToolCall[]>;
  /**
   * Registers a tool of an HTTP endpoint. Only this answer has its secret. Like all that changes tools, it needs a key
   * that may inspect, where keys are configured.
   */
  readonly registerTool: (tool: NewTool) => Promise<ToolWithSecret>;
  /** Changes the given keys of a registered tool. Calls that run keep what they began with. */
  readonly updateTool: (name: string, change: UpdateTool) => Promise<RegisteredTool>;
  /** Lets no call of the tool begin any more; those that run go on. */
  readonly deactivateTool: (name: string) => Promise<RegisteredTool>;
  readonly activateTool: (name: string) => Promise<RegisteredTool>;
  /** Gives the tool another secret, which only this answer has. The old one stays good for a day. */
  readonly rotateToolSecret: (name: string) => Promise<ToolWithSecret>;
  /** Reads all tools once, a page at a time: `after` is the last one of the page before. */
  readonly readTools: (page?: {
    readonly limit?: number;
    readonly after?: string;
  }) => Promise<readonly CatalogTool[]>;
  readonly readTool: (name: string) => Promise<CatalogTool>;
  /** Reads the available models once. The `<name>/<model>` of one goes into `options.model`. */
  readonly readProviders: () => Promise<readonly ModelProvider[]>;
  /** Reads the JSON Schemas of the server's config. */
  readonly readConfigSchema: () => Promise<ConfigSchemaDocument>;
  /** Reads the server's config file, secrets masked, and what is in force. Needs an inspect key. */
  readonly readConfigFile: () => Promise<EditedConfig>;
  /** What a text would make of the config; rejects with every mistake. Needs an inspect key. */
  readonly previewConfigFile: (text: Pick<SaveConfig, 'content' | 'format'>) => Promise<ConfigPreview>;
  /** Saves the config file and puts it in force; resolves with how it is then. Needs an inspect key. */
  readonly saveConfigFile: (text: SaveConfig) => Promise<EditedConfig>;
  /** Makes a trace of the client's own; with an `id`, repeating it is harmless. */
  readonly createTrace: (trace: CreateTrace) => Promise<Trace>;
  /** Appends spans to such a trace, all or none; spans that it has already have no second effect. */
  readonly appendSpans: (traceId: string, spans: readonly GivenSpan[]) => Promise<AppendedSpans>;
  /** Ends such a trace: nothing can be appended to it from then on. */
  readonly finaliseTrace: (traceId: string, end?: FinaliseTrace) => Promise<Trace>;
  /** Reads traces once, newest first. `before` is the last trace of the page before. */
  readonly readTraces: (query?: {
    readonly sessionId?: string;
    readonly limit?: number;
    readonly before?: string;
  }) => Promise<readonly Trace[]>;
  /** Reads the spans of a trace in the order in which they were appended. `after` is the last of the page before. */
  readonly readSpans: (
    traceId: string,
    query?: { readonly limit?: number; readonly after?: string },
  ) => Promise<readonly TraceSpan[]>;
  /** Sets one flag of the runtime config, a new one too; resolves with the whole config. */
  readonly setFlag: (name: string, value: boolean) => Promise<RuntimeConfig>;
  /** Takes the runtime config back to its defaults; needs an inspect key where keys exist. */
  readonly resetConfig: () => Promise<RuntimeConfig>;
  /** Reads who changed what in the runtime config, newest first. `before` is the last change of the page before. */
  readonly readConfigHistory: (query?: {
    readonly limit?: number;
    readonly before?: string;
  }) => Promise<readonly ConfigChange[]>;
};

/** Commands are like `send`: each takes effect once, and is retried across reconnects. */
export function administration({ core: { rest, order } }: Client): Administration {
  const read = async <Result>(path: string, query: object = {}) => {
    const given = Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    );
    const suffix = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
    return (await rest.request({ method: 'GET', path: path + suffix })) as Result;
  };
  return {
    updateSession: async (id, change) =>
      (await order('PATCH', id, `/chat-sessions/${id}`, change)) as ChatSession,
    archiveSession: async (id) => (await order('PATCH', id, `/chat-sessions/${id}/archive`)) as ChatSession,
    unarchiveSession: async (id) =>
      (await order('PATCH', id, `/chat-sessions/${id}/unarchive`)) as ChatSession,
    handOverSession: async (id, to) =>
      (await order('POST', id, `/chat-sessions/${id}/owner`, to)) as ChatSession,
    closeSession: async (id) => (await order('POST', id, `/chat-sessions/${id}/close`)) as ChatSession,
    reopenSession: async (id) => (await order('POST', id, `/chat-sessions/${id}/reopen`)) as ChatSession,
    readParticipants: (id) => read(participants(id)),
    addParticipant: async (id, participant) =>
      (await order('POST', id, participants(id), participant)) as Participant,
    updateParticipant: async (id, participantId, change) =>
      (await order('PATCH', id, participants(id, participantId), change)) as Participant,
    removeParticipant: async (id, participantId) => {
      await order('DELETE', id, participants(id, participantId));
    },
    deleteSession: async (id) => {
      await order('DELETE', id, `/chat-sessions/${id}`);
    },
    importSession: async (transcript) =>
      (await order('POST', undefined, '/chat-sessions/import', transcript)) as ChatSession,
    findSessions: (query) => read('/chat-sessions', query),
    readToolCall: (id, callId) => read(`/chat-sessions/${id}/tool-calls/${callId}`),
    readToolCalls: (query) => read('/tool-calls', query),
    registerTool: async (tool) => (await order('POST', undefined, '/tools', tool)) as ToolWithSecret,
    updateTool: async (name, change) =>
      (await order('PATCH', undefined, `/tools/${name}`, change)) as RegisteredTool,
    deactivateTool: async (name) =>
      (await order('POST', undefined, `/tools/${name}/deactivate`)) as RegisteredTool,
    activateTool: async (name) =>
      (await order('POST', undefined, `/tools/${name}/activate`)) as RegisteredTool,
    rotateToolSecret: async (name) =>
      (await order('POST', undefined, `/tools/${name}/rotate-secret`)) as ToolWithSecret,
    readTools: (page = {}) => read('/tools', page),
    readTool: (name) => read(`/tools/${name}`),
    readProviders: () => read('/providers/catalog'),
    readConfigSchema: () => read('/config/schema'),
    readConfigFile: () => read('/config/editor'),
    previewConfigFile: async (text) =>
      (await order('POST', undefined, '/config/editor/preview', text)) as ConfigPreview,
    saveConfigFile: async (text) => (await order('PUT', undefined, '/config/editor', text)) as EditedConfig,
    createTrace: async (trace) => (await order('POST', undefined, '/traces', trace)) as Trace,
    appendSpans: async (id, spans) =>
      (await order('POST', undefined, `/traces/${id}/spans`, { spans })) as AppendedSpans,
    finaliseTrace: async (id, end = {}) =>
      (await order('POST', undefined, `/traces/${id}/finalise`, end)) as Trace,
    readTraces: (query) => read('/traces', query),
    readSpans: (id, query) => read(`/traces/${id}/spans`, query),
    setFlag: async (name, value) =>
      (await order('PUT', undefined, `/config/flags/${encodeURIComponent(name)}`, {
        value,
      })) as RuntimeConfig,
    resetConfig: async () => (await order('POST', undefined, '/config/reset')) as RuntimeConfig,
    readConfigHistory: (query) => read('/config/history', query),
  };
}

/** The path of a session's participants, or of one of them. */
function participants(id: string, participantId?: string): string {
  const all = `/chat-sessions/${id}/participants`;
  return participantId === undefined ? all : `${all}/${encodeURIComponent(participantId)}`;
}
