/**
 * The read model, for both databases. Lists are paged by key: the row before which a page begins is looked up, and
 * the index finds the rest, so a late page costs no more than the first.
 */
import type { Kysely } from 'kysely';
import type { AuditPage, Page, ReadModel } from '../../../actors/ports.ts';
import type { ListedBranch, StoredRun, StoredSession } from '../../../actors/stored-rows.ts';
import type { SpanPage } from '../../../actors/trace-reads.ts';
import type { TranscriptReads } from '../../../actors/transcript-reads.ts';
import type { SessionOwner, TraceAccess, Visibility } from '../../../schema/authorization.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { ConversationQuery } from '../../../schema/conversation-window.ts';
import type {
  CommandId,
  MessageId,
  SessionId,
  SpanId,
  ToolCallId,
  TraceId,
  TurnId,
} from '../../../schema/ids.ts';
import type { ConfigChange, RuntimeConfig } from '../../../schema/runtime-config.ts';
import type { SessionQuery } from '../../../schema/session-search.ts';
import type { Tables } from '../../../schema/storage/tables.ts';
import type { Trace } from '../../../schema/trace.ts';
import type { TraceSpan } from '../../../schema/trace-span.ts';
import type { CompletedCommand } from '../../../schema/turn-record.ts';
import { databaseAnswer } from './database-answer.ts';
import { readStoredKeys } from './key-statements.ts';
import { readAudit } from './kysely-audit.ts';
import { readConfigHistory } from './kysely-config-history.ts';
import { readConversation } from './kysely-conversation.ts';
import { readCopy } from './kysely-copy.ts';
import { historySize } from './kysely-history.ts';
import {
  allMessages,
  currentMessages,
  messageSizes,
  messagesWith,
  waitingMessages,
} from './kysely-messages.ts';
import { readPlace } from './kysely-place.ts';
import { newestRuns } from './kysely-runs.ts';
import { foundSessions } from './kysely-search.ts';
import {
  countSpans,
  readEndedTraces,
  readSpans,
  readSpansWith,
  readTraceAccess,
  readTraces,
} from './kysely-traces.ts';
import { transcriptReads } from './kysely-transcript.ts';
import { listedSessions } from './listed-sessions.ts';
import { callsIn, callsOfSession, callsOfSessionBefore, toolCallsWith } from './listed-tool-calls.ts';
import { readTurn, turnsWith } from './listed-turns.ts';
import { readMessage } from './message-text.ts';
import { readParticipants } from './participant-statements.ts';
import { readQuery, type Value } from './read-query.ts';
import { countStoredBytes, countStoredSessions, readSessionAccess } from './session-owners.ts';
import { readSessionWork } from './session-work.ts';
import { storeCreatedAt } from './store-age.ts';
import { registeredToolOf, runtimeConfigOf, sessionOf, toolCallOf, traceOf, turnOf } from './stored-rows.ts';
import { readTokensSpent } from './token-spending.ts';

export class KyselyReadModel implements ReadModel {
  readonly #db: Kysely<Tables>;

  readonly transcripts: TranscriptReads;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.transcripts = transcriptReads(db);
  }

  sessions(page: Page<SessionId>, visibleTo?: Visibility): Promise<readonly ChatSession[]> {
    return databaseAnswer('read model', () => listedSessions(this.#db, { ...page, visibleTo }));
  }

  findSessions(query: SessionQuery): ReturnType<ReadModel['findSessions']> {
    return databaseAnswer('read model', () => foundSessions(this.#db, query));
  }

  session(id: SessionId): Promise<ChatSession | undefined> {
    return databaseAnswer('read model', async () => {
      const [row] = await sessionRead(this.#db, { id });
      return row && sessionOf(row);
    });
  }

  storedSession(id: SessionId): Promise<StoredSession | undefined> {
    return databaseAnswer('read model', async () => {
      const session = await this.session(id);
      if (session === undefined) return undefined;
      const turns = await this.#db
        .selectFrom('turns')
        .selectAll()
        .where('session_id', '=', id)
        .where('status', 'in', ['queued', 'running'])
        .orderBy('rank')
        .orderBy('position')
        .execute();
      return { session, turns: turns.map(turnOf), waiting: await waitingMessages(this.#db, id) };
    });
  }

  sessionAccess(id: SessionId): ReturnType<ReadModel['sessionAccess']> {
    return databaseAnswer('read model', () => readSessionAccess(this.#db, id));
  }

  storedBytes(owner: SessionOwner): Promise<number> {
    return databaseAnswer('read model', () => countStoredBytes(this.#db, owner));
  }
  storedSessions(...query: Parameters<ReadModel['storedSessions']>): Promise<number> {
    return databaseAnswer('read model', () => countStoredSessions(this.#db, ...query));
  }

  tokensSpent(...query: Parameters<ReadModel['tokensSpent']>): Promise<number> {
    return databaseAnswer('read model', () => readTokensSpent(this.#db, ...query));
  }

  participants(session: SessionId): ReturnType<ReadModel['participants']> {
    return databaseAnswer('read model', () => readParticipants(this.#db, session));
  }

  messages(session: SessionId, page: Page<MessageId>, branch: ListedBranch): Promise<readonly MessageFact[]> {
    return databaseAnswer('read model', () =>
      branch === 'all' ? allMessages(this.#db, session, page) : currentMessages(this.#db, session, page),
    );
  }

  messageSizes(...query: Parameters<ReadModel['messageSizes']>): ReturnType<ReadModel['messageSizes']> {
    return databaseAnswer('read model', () => messageSizes(this.#db, ...query));
  }

  messagesOf(...query: Parameters<ReadModel['messagesOf']>): ReturnType<ReadModel['messagesOf']> {
    return databaseAnswer('read model', () => messagesWith(this.#db, ...query));
  }

  message(session: SessionId, id: MessageId): Promise<MessageFact | undefined> {
    return databaseAnswer('read model', () => readMessage(this.#db, session, id));
  }

  copyOf(session: SessionId, upTo: MessageId | 'all'): ReturnType<ReadModel['copyOf']> {
    return databaseAnswer('read model', () => readCopy(this.#db, session, upTo));
  }

  place(session: SessionId, id: MessageId): ReturnType<ReadModel['place']> {
    return databaseAnswer('read model', () => readPlace(this.#db, session, id));
  }

  conversation(query: ConversationQuery): ReturnType<ReadModel['conversation']> {
    return databaseAnswer('read model', () => readConversation(this.#db, query));
  }

  traces(page: Page<TraceId>, session?: SessionId, visibleTo?: Visibility): Promise<readonly Trace[]> {
    return databaseAnswer('read model', () => readTraces(this.#db, page, session, visibleTo));
  }

  spans(trace: TraceId, page: SpanPage): Promise<readonly TraceSpan[]> {
    return databaseAnswer('read model', () => readSpans(this.#db, trace, page));
  }

  spansWith(trace: TraceId, ids: readonly SpanId[]): Promise<readonly TraceSpan[]> {
    return databaseAnswer('read model', () => readSpansWith(this.#db, trace, ids));
  }

  spanCount(trace: TraceId): Promise<number> {
    return databaseAnswer('read model', () => countSpans(this.#db, trace));
  }

  endedTraces(query: Parameters<ReadModel['endedTraces']>[0]): ReturnType<ReadModel['endedTraces']> {
    return databaseAnswer('read model', () => readEndedTraces(this.#db, query));
  }

  traceAccess(id: TraceId): Promise<TraceAccess | undefined> {
    return databaseAnswer('read model', () => readTraceAccess(this.#db, id));
  }
  trace(id: TraceId): Promise<Trace | undefined> {
    return databaseAnswer('read model', async () => {
      const row = await this.#db.selectFrom('traces').selectAll().where('id', '=', id).executeTakeFirst();
      return row && traceOf(row);
    });
  }

  toolCalls(turn: TurnId): ReturnType<ReadModel['toolCalls']> {
    return databaseAnswer('read model', async () => {
      const rows = await callsIn(this.#db)
        .where('call.turn_id', '=', turn)
        .orderBy('call.position')
        .execute();
      return rows.map(toolCallOf);
    });
  }

  sessionRuns(session: SessionId, { limit }: { readonly limit: number }): Promise<readonly StoredRun[]> {
    return databaseAnswer('read model', async () => {
      const turns = await newestRuns(this.#db, session, limit);
      if (turns.length === 0) return [];
      const calls = await callsIn(this.#db)
        .where(
          'call.turn_id',
          'in',
          turns.map(({ id }) => id),
        )
        .orderBy('call.position')
        .execute();
      const byTurn = Map.groupBy(calls, (call) => call.turn_id);
      return turns.map(({ id, promptId, trace }) => ({
        messageId: promptId,
        trace,
        toolCalls: (byTurn.get(id) ?? []).map(toolCallOf),
      }));
    });
  }

  toolCall(id: ToolCallId): ReturnType<ReadModel['toolCall']> {
    return databaseAnswer('read model', async () => {
      const row = await callsIn(this.#db).where('call.id', '=', id).executeTakeFirst();
      return row && toolCallOf(row);
    });
  }

  sessionToolCalls(session: SessionId, page: Page<ToolCallId>): ReturnType<ReadModel['sessionToolCalls']> {
    return databaseAnswer('read model', async () => {
      const { limit, before } = page;
      const newest =
        before === undefined
          ? await callsOfSession(this.#db, { session, limit })
          : await callsOfSessionBefore(this.#db, { session, limit, before });
      return newest.toReversed().map(toolCallOf);
    });
  }

  toolCallsWith(...query: Parameters<ReadModel['toolCallsWith']>): ReturnType<ReadModel['toolCallsWith']> {
    return databaseAnswer('read model', () => toolCallsWith(this.#db, ...query));
  }

  historySize(session: SessionId): ReturnType<ReadModel['historySize']> {
    return databaseAnswer('read model', () => historySize(this.#db, session));
  }

  sessionWork(ids: readonly SessionId[]): ReturnType<ReadModel['sessionWork']> {
    return databaseAnswer('read model', () => readSessionWork(this.#db, ids));
  }

  turnSteps(turn: TurnId): ReturnType<ReadModel['turnSteps']> {
    return databaseAnswer('read model', async () => {
      const rows = await this.#db
        .selectFrom('turn_steps')
        .select('data')
        .where('turn_id', '=', turn)
        .orderBy('step')
        .execute();
      return rows.map((row) => JSON.parse(row.data));
    });
  }

  turn(id: TurnId): ReturnType<ReadModel['turn']> {
    return databaseAnswer('read model', () => readTurn(this.#db, id));
  }

  turnsWith(...query: Parameters<ReadModel['turnsWith']>): ReturnType<ReadModel['turnsWith']> {
    return databaseAnswer('read model', () => turnsWith(this.#db, ...query));
  }

  isDeletedMessage(session: SessionId, id: MessageId): Promise<boolean> {
    return databaseAnswer('read model', async () => {
      const row = await this.#db
        .selectFrom('deleted_messages')
        .select('id')
        .where('id', '=', id)
        .where('session_id', '=', session)
        .executeTakeFirst();
      return row !== undefined;
    });
  }

  sessionsWithOpenTurns(): Promise<readonly SessionId[]> {
    return databaseAnswer('read model', async () => {
      const open = await this.#db
        .selectFrom('turns')
        .select('session_id')
        .where('status', 'in', ['queued', 'running'])
        .groupBy('session_id')
        .orderBy((eb) => eb.fn.min('position'))
        .execute();
      // A process may have died between the end of a turn and the placing of what waited for it.
      const waiting = await this.#db
        .selectFrom('messages')
        .select('session_id')
        .where('queue_rank', 'is not', null)
        .groupBy('session_id')
        .orderBy((eb) => eb.fn.min('position'))
        .execute();
      return [...new Set([...open, ...waiting].map((row) => row.session_id))];
    });
  }

  runtimeConfig(): Promise<RuntimeConfig | undefined> {
    return databaseAnswer('read model', async () => {
      const row = await this.#db
        .selectFrom('runtime_config')
        .select('data')
        .where('id', '=', 1)
        .executeTakeFirst();
      return row && runtimeConfigOf(row.data);
    });
  }

  audit(page: AuditPage): ReturnType<ReadModel['audit']> {
    return databaseAnswer('read model', () => readAudit(this.#db, page));
  }

  storedKeys(): ReturnType<ReadModel['storedKeys']> {
    return databaseAnswer('read model', () => readStoredKeys(this.#db));
  }

  registeredTools(): ReturnType<ReadModel['registeredTools']> {
    return databaseAnswer('read model', async () => {
      const rows = await this.#db.selectFrom('registered_tools').select('data').execute();
      // The databases order texts each in its own way.
      return rows.map(({ data }) => registeredToolOf(data)).sort((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  configHistory(page: Page<CommandId>): Promise<readonly ConfigChange[]> {
    return databaseAnswer('read model', () => readConfigHistory(this.#db, page));
  }

  completedCommand(key: string): Promise<CompletedCommand | undefined> {
    return databaseAnswer('read model', async () => {
      const [row] = await commandsRead(this.#db, { key });
      return row && { ...row, result: JSON.parse(row.result) };
    });
  }

  layout(owner: string): ReturnType<ReadModel['layout']> {
    return databaseAnswer('read model', async () => {
      const row = await this.#db
        .selectFrom('preferences')
        .select(['layout', 'updated_at'])
        .where('owner', '=', owner)
        .executeTakeFirst();
      if (row !== undefined) return { layout: JSON.parse(row.layout), updatedAt: row.updated_at };
      return { layout: {}, updatedAt: await storeCreatedAt(this.#db) };
    });
  }
}

/** Asked for each command that has a key. */
const commandsRead = readQuery((db, value: Value<{ key: string }>) =>
  db.selectFrom('commands').select(['key', 'fingerprint', 'result']).where('key', '=', value('key')),
);

const sessionRead = readQuery((db, value: Value<{ id: SessionId }>) =>
  db.selectFrom('sessions').selectAll().where('id', '=', value('id')),
);
