/** The inspector's reads and commands over HTTP. Every function throws a {@link CallboardError} on failure. */
import { parse } from 'content-disposition';
import type { ChatSession } from '../../../../schema/chat-session.ts';
import type { MachineCharts } from '../../../../schema/machine-chart.ts';
import type { OperatorCommand } from '../../../../schema/operator-command.ts';
import type { TurnState } from '../../../../schema/pushed-turn.ts';
import type { RecordingPage } from '../../../../schema/recording.ts';
import type { RuntimeConfig } from '../../../../schema/runtime-config.ts';
import type { SessionHistory } from '../../../../schema/session-history.ts';
import type { InspectedJournal } from '../../../../schema/session-journal.ts';
import type { ListedToolCall } from '../../../../schema/stored-tool-call.ts';
import type { InspectedSession } from '../../../../schema/wire/inspect-frame.ts';
import { CallboardError, errorOfResponse } from '../../../client/client-error.ts';
import type { Troubles } from './troubles.ts';

/** The greatest number that the server takes in a query. */
const queryMax = 999_999_999_999_999;

/** The steps around the one with that `seq`, or from the one at that index on. */
export type HistoryStart = { readonly around: number } | { readonly from: number };

/** How many of the newest failed turns, and of the newest calls that wait, are read. */
const troublesMax = 1000;

export type InspectReads = {
  readonly machines: () => Promise<MachineCharts>;
  readonly session: (sessionId: string) => Promise<InspectedSession>;
  readonly title: (sessionId: string) => Promise<string>;
  readonly recordings: (query: URLSearchParams) => Promise<RecordingPage>;
  /** What waits for a person, and the newest turns that failed or were interrupted: of all sessions, in memory or not. */
  readonly troubles: () => Promise<Troubles>;
  /** The theme in the runtime config. */
  readonly theme: () => Promise<string>;
  /** At most `limit` steps. */
  readonly history: (sessionId: string, start: HistoryStart, limit: number) => Promise<SessionHistory>;
  /** Events whose `seq` is greater than `after`, with what led to them; as many as the server puts into one answer. */
  readonly journal: (sessionId: string, after: number) => Promise<InspectedJournal>;
  /** The session in one HTML file, with the file's name. */
  readonly recording: (sessionId: string) => Promise<{ readonly name: string; readonly file: Blob }>;
  /** Sends a command exactly as the server described it. */
  readonly obey: (request: OperatorCommand['request']) => Promise<void>;
};

/** `url` is the server's address, without a slash at its end. */
export function inspectReads(url: string, apiKey: string | null): InspectReads {
  const headers: Record<string, string> = apiKey === null ? {} : { 'x-api-key': apiKey };
  const answered = async (path: string, init: RequestInit = {}): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(url + path, {
        cache: 'no-store',
        ...init,
        headers: { ...headers, ...init.headers },
      });
    } catch {
      throw new CallboardError('unreachable', 'The server does not answer', true);
    }
    if (!response.ok) throw errorOfResponse(response.status, parsed(await response.text()));
    return response;
  };
  const request = async (path: string, init: RequestInit = {}): Promise<unknown> =>
    parsed(await (await answered(path, init)).text());
  return {
    machines: async () => (await request('/inspect/machines')) as MachineCharts,
    session: async (sessionId) => (await request(`/inspect/sessions/${sessionId}`)) as InspectedSession,
    title: async (sessionId) => ((await request(`/chat-sessions/${sessionId}`)) as ChatSession).title,
    recordings: async (query) => (await request(`/inspect/recordings?${query}`)) as RecordingPage,
    troubles: async () => {
      const [failed, interrupted, calls] = await Promise.all([
        request(`/turns?status=failed&limit=${troublesMax}`),
        request(`/turns?status=interrupted&limit=${troublesMax}`),
        request(`/tool-calls?status=awaitingApproval&limit=${troublesMax}`),
      ]);
      return {
        turns: [failed, interrupted].flat() as readonly TurnState[],
        calls: calls as readonly ListedToolCall[],
      };
    },
    theme: async () => ((await request('/config')) as RuntimeConfig).theme,
    history: async (sessionId, start, limit) => {
      const [[name, value] = []] = Object.entries(start);
      const path = `/inspect/sessions/${sessionId}/history?${name}=${Math.min(value ?? 0, queryMax)}&limit=${limit}`;
      return (await request(path)) as SessionHistory;
    },
    journal: async (sessionId, after) =>
      (await request(`/inspect/sessions/${sessionId}/journal?after=${after}`)) as InspectedJournal,
    recording: async (sessionId) => {
      const response = await answered(`/inspect/sessions/${sessionId}/recording`);
      const { filename } = parse(response.headers.get('content-disposition') ?? '').parameters;
      try {
        return { name: filename ?? `callboard-${sessionId}.html`, file: await response.blob() };
      } catch {
        throw new CallboardError('unreachable', 'The file could not be written to its end', true);
      }
    },
    obey: async ({ method, path, body }) => {
      const content = body === null ? {} : { 'content-type': 'application/json' };
      await request(path, {
        method,
        headers: content,
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      });
    },
  };
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
