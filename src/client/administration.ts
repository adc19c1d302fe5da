/**
 * The entry `callboard/client/administration`: everything about sessions but what is said in them, and single reads.
 *
 * @example
 * const { findSessions, archiveSession } = administration(client);
 */
import type { ChatSession } from '../../schema/chat-session.ts';
import type { CreateTrace, FinaliseTrace } from '../../schema/client-trace.ts';
import type { UpdateModelOptions } from '../../schema/model-options.ts';
import type { ProviderCatalogBody } from '../../schema/provider-catalog.ts';
import type { ConfigChange, RuntimeConfig } from '../../schema/runtime-config.ts';
import type { FoundSession, SessionQuery } from '../../schema/session-search.ts';
import type { ListedToolCall, ToolCall } from '../../schema/stored-tool-call.ts';
import type { Trace } from '../../schema/trace.ts';
import type { AppendedSpans, GivenSpan, TraceSpan } from '../../schema/trace-span.ts';
import type { Client } from './client.ts';

export type { ModelOptions } from '../../schema/model-options.ts';
export type { ConfigChange, RuntimeConfig } from '../../schema/runtime-config.ts';
export type { FoundSession, SearchSnippet } from '../../schema/session-search.ts';
export type { ListedToolCall, ToolCall } from '../../schema/stored-tool-call.ts';
export type { Trace } from '../../schema/trace.ts';
export type { GivenSpan, TraceSpan } from '../../schema/trace-span.ts';

/** A provider of models that a client can choose from. */
export type ModelProvider = ProviderCatalogBody[number];

/** What to find; times are ISO 8601. */
export type FindSessions = {
  readonly q?: string | undefined;
  readonly status?: ChatSession['status'] | undefined;
  readonly activity?: SessionQuery['activity'] | undefined;
  readonly updatedAfter?: string | undefined;
  readonly updatedBefore?: string | undefined;
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
  /** Reads the available models once. The `<name>/<model>` of one goes into `options.model`. */
  readonly readProviders: () => Promise<readonly ModelProvider[]>;
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
    deleteSession: async (id) => {
      await order('DELETE', id, `/chat-sessions/${id}`);
    },
    importSession: async (transcript) =>
      (await order('POST', undefined, '/chat-sessions/import', transcript)) as ChatSession,
    findSessions: (query) => read('/chat-sessions', query),
    readToolCall: (id, callId) => read(`/chat-sessions/${id}/tool-calls/${callId}`),
    readToolCalls: (query) => read('/tool-calls', query),
    readProviders: () => read('/providers/catalog'),
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
