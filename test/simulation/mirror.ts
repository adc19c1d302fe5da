/** The state that a client derives from its events. */
import {
  type BaselineMessage,
  baselineMessage,
  type ChatMessage,
  shownMessage,
} from '../../schema/chat-message.ts';
import { baselineSession, type ChatSession } from '../../schema/chat-session.ts';
import { messageIdSchema, type SessionId } from '../../schema/ids.ts';
import type { Participant } from '../../schema/participant.ts';
import type { RegisteredTool } from '../../schema/registered-tool.ts';
import type { Trace } from '../../schema/trace.ts';
import type { MemoryTables } from '../fakes/memory-tables.ts';
import { nameOfMessage } from './facts.ts';
import { seesAlways } from './principals.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';

type Row = { readonly id: string };

export class Mirror {
  readonly #reader: Reader;
  readonly #tables: MemoryTables;
  #sessions = new Map<string, ChatSession>();
  /** By session and id, as participants. */
  #messages = new Map<string, ChatMessage>();
  #traces = new Map<string, Trace>();
  #participants = new Map<string, Participant>();
  #tools = new Map<string, RegisteredTool>();
  #config: unknown;

  constructor(reader: Reader, tables: MemoryTables) {
    this.#reader = reader;
    this.#tables = tables;
  }

  /** Reads everything over REST, like a client without a cursor or after `resync`. */
  read(): void {
    this.#sessions = byId(this.#tables.sessions());
    this.#messages = byKey(
      this.#tables.sessions().flatMap(({ id }) => this.#tables.messages(id).map(shownMessage)),
    );
    this.#traces = byId(this.#tables.traces());
    this.#participants = byKey(this.#tables.sessions().flatMap(({ id }) => this.#tables.participants.of(id)));
    this.#tools = new Map(this.#tables.server.registeredTools.map((tool) => [tool.name, tool]));
    this.#config = this.#tables.server.runtimeConfig;
  }

  /** Relies on the shapes of frames: other tests check them against `/asyncapi.json`. */
  take({ event, data, snapshot }: ReceivedFrame): void {
    switch (event) {
      case 'hello':
        if (data['resumed'] !== true) this.read();
        return;
      case 'resync':
        this.read();
        return;
      case 'session.created':
      case 'session.updated':
        this.#sessions.set(String(data['id']), data as ChatSession);
        return;
      case 'session.deleted': {
        const id = String(data['id']);
        this.#sessions.delete(id);
        for (const [key, { sessionId }] of this.#messages) if (sessionId === id) this.#messages.delete(key);
        for (const [key, { sessionId }] of this.#participants)
          if (sessionId === id) this.#participants.delete(key);
        return;
      }
      case 'participant.added':
      case 'participant.updated':
        this.#participants.set(keyOf(data), data as Participant);
        return;
      case 'participant.removed':
        this.#participants.delete(keyOf(data));
        return;
      case 'message.created':
      case 'message.updated':
        this.#messages.set(keyOf(data), data as ChatMessage);
        return;
      case 'message.deleted':
        this.#prune(data);
        return;
      case 'branch.selected':
        this.#select(String(data['sessionId']), data['leafId']);
        return;
      case 'trace.created':
      case 'trace.updated':
        this.#traces.set(String(data['id']), data as Trace);
        return;
      case 'tool.registered':
      case 'tool.updated':
      case 'tool.deactivated':
        this.#tools.set(String(data['name']), data as RegisteredTool);
        return;
      case 'config.updated':
        if (!snapshot) this.#config = data;
        return;
      default:
        return;
    }
  }

  #prune(gone: Told): void {
    this.#messages.delete(keyOf(gone));
    for (const below of [...this.#messages.values()]) {
      if (below.parentId === gone['id'] && below.sessionId === gone['sessionId']) this.#prune(below);
    }
  }

  #select(id: string, leafId: unknown): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const { leafId: _, ...rest } = session;
    this.#sessions.set(id, leafId === null ? rest : { ...rest, leafId: messageIdSchema.parse(leafId) });
  }

  #participantDifference(
    sessions: readonly ChatSession[],
    isMine: (session: SessionId) => boolean,
  ): string | undefined {
    const stored = sessions.flatMap(({ id }) => this.#tables.participants.of(id));
    const mine = [...this.#participants.values()].filter(({ sessionId }) => isMine(sessionId));
    // In their order, which whoever comes again changes.
    for (const { id } of sessions) {
      const [one, other] = [stored, mine].map((list) =>
        canonical(list.filter(({ sessionId }) => sessionId === id)),
      );
      if (one !== other) return `participants ${one}, not ${other}`;
    }
    return undefined;
  }

  /** What others let it see and see no more is not compared. */
  #isAlwaysSeen(session: SessionId | undefined): boolean {
    const owner = session === undefined ? undefined : this.#tables.owners.access(session, true);
    return owner === undefined || seesAlways(this.#reader.principal, owner);
  }

  /** The first difference from the stored state, among the things that the reader follows. */
  difference(): string | undefined {
    const { namespaces, sessionId } = this.#reader.selection;
    const tables = this.#tables;
    const isMine = (session: SessionId | undefined) =>
      (sessionId === undefined || session === sessionId) && this.#isAlwaysSeen(session);
    if (namespaces.includes('chat-sessions')) {
      const sessions = tables.sessions().filter(({ id }) => isMine(id));
      const mine = [...this.#sessions.values()].filter(({ id }) => isMine(id));
      const messages = sessions.flatMap(({ id }) => tables.messages(id));
      const myMessages = [...this.#messages.values()].filter((message) => isMine(message.sessionId));
      const difference =
        this.#reader.kind === 'baseline'
          ? (differenceOf(sessions.map(baselineSession), mine.map(baselineSession)) ??
            differenceOf(...seenByBaseline(messages.map(baselineMessage), myMessages.map(baselineMessage))))
          : (differenceOf(sessions, mine) ??
            differenceOf(messages.map(shownMessage), myMessages) ??
            this.#participantDifference(sessions, isMine));
      if (difference !== undefined) return difference;
    }
    if (namespaces.includes('traces')) {
      const isGone = sessionId !== undefined && !tables.sessions().some(({ id }) => id === sessionId);
      // Whoever follows one session hears nothing of a trace that outlives it ([TRC15]).
      const compared = (trace: Trace) => isMine(trace.sessionId) && !(isGone && trace.status === 'running');
      const difference = differenceOf(
        tables.traces().filter(compared),
        [...this.#traces.values()].filter(compared),
      );
      if (difference !== undefined) return difference;
    }
    if (namespaces.includes('tools') && sessionId === undefined && this.#reader.kind !== 'baseline') {
      const rows = (tools: Iterable<RegisteredTool>) =>
        [...tools].map((tool) => ({ ...tool, id: tool.name }));
      const difference = differenceOf(rows(tables.server.registeredTools), rows(this.#tools.values()));
      if (difference !== undefined) return difference;
    }
    const isConfigSame = JSON.stringify(this.#config) === JSON.stringify(tables.server.runtimeConfig);
    if (namespaces.includes('config') && sessionId === undefined && !isConfigSame) return 'the config';
    return undefined;
  }
}

type Told = { readonly [field: string]: unknown };

function byKey<Item extends Told>(rows: readonly Item[]): Map<string, Item> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}

function keyOf(data: Told): string {
  return nameOfMessage(data['sessionId'], data['id']);
}

/**
 * A baseline socket is told of new messages and of the ends of answers, and of nothing that becomes of messages
 * afterwards: those that are stored must have come, and as they are, unless they were changed while they waited.
 */
function seenByBaseline(stored: readonly BaselineMessage[], mine: readonly BaselineMessage[]) {
  const known = byKey(stored);
  const changed = (message: BaselineMessage) => message.content.startsWith('edit ');
  return [
    stored.filter((message) => !changed(message)),
    mine.filter((message) => {
      const row = known.get(keyOf(message));
      return row !== undefined && !changed(row);
    }),
  ] as const;
}

/** The order of keys is no difference. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
}

function byId<Item extends Row>(rows: readonly Item[]): Map<string, Item> {
  return new Map(rows.map((row) => [row.id, row]));
}

function differenceOf(stored: readonly Row[], mirrored: readonly Row[]): string | undefined {
  const mine = byKey(mirrored);
  for (const row of stored) {
    const other = mine.get(keyOf(row));
    if (canonical(row) !== canonical(other)) return `${JSON.stringify(row)}, not ${JSON.stringify(other)}`;
    mine.delete(keyOf(row));
  }
  const [extra] = mine.values();
  return extra === undefined ? undefined : `${JSON.stringify(extra)}, which is not stored`;
}
