/**
 * One dedicated connection on which a whole transaction is sent without waiting for answers in between, so that it
 * costs one round trip. It connects when needed, and again after a failure.
 */
import { Client, type ClientConfig, type QueryResult } from 'pg';
import { JournalUnavailable } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import type { Parameter } from '../sql/values-table.ts';
import { isServerError, postgresJournalError } from './postgres-errors.ts';
import { StoreTakenOver } from './postgres-process-lock.ts';
import { postgresTypes } from './postgres-types.ts';

export type PipelinedQuery = { readonly sql: string; readonly parameters: readonly Parameter[] };

/**
 * - `committed`: the rows that each query returned.
 * - `rolled back`: the server refused a query, so nothing was written.
 * - `unknown`: the connection broke before the answer to `commit` came.
 */
export type PipelineOutcome =
  | { readonly state: 'committed'; readonly rows: readonly (readonly object[])[] }
  | { readonly state: 'rolled back' | 'unknown'; readonly cause: unknown };

export class PostgresPipeline {
  readonly #config: ClientConfig;
  readonly #prepare: (client: Client) => Promise<void>;
  #client: Client | undefined;
  #closed = false;
  /** Names of prepared statements by their text, the same for every connection. */
  readonly #names = new Map<string, string>();

  /**
   * `config` names the server; all other options are set here. `prepare` is the first to use each new connection; when it
   * rejects, nothing else is sent on that connection, and the caller is rejected with the same error.
   */
  constructor(config: ClientConfig, prepare: (client: Client) => Promise<void>) {
    this.#prepare = prepare;
    this.#config = {
      ...config,
      pipeline: true,
      types: postgresTypes(),
      keepAlive: true,
      application_name: 'callboard journal',
      connectionTimeoutMillis: limits.databaseConnectMs,
      // A client that hangs must not keep the lock that all writers wait for.
      idle_in_transaction_session_timeout: limits.databaseIdleTransactionMs,
    };
  }

  /** Connects now. Rejects as a transaction does that cannot connect. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /**
   * Sends `begin`, the queries and `commit`. `begin` may hold further statements without parameters.
   * Rejects with {@link JournalUnavailable} if it cannot connect: then nothing was sent.
   */
  async transact(begin: string, queries: readonly PipelinedQuery[]): Promise<PipelineOutcome> {
    const client = await this.#connected();
    // Corked, so that the batch is sent in as few packets as possible.
    client.connection.stream.cork();
    const sent = [
      client.query(begin),
      ...queries.map((query) =>
        client.query({ name: this.#nameOf(query.sql), text: query.sql, values: [...query.parameters] }),
      ),
      client.query('commit'),
    ];
    client.connection.stream.uncork();
    const answers = await this.#settled(client, sent);
    const outcome = outcomeOf(answers);
    if (outcome.state === 'unknown') this.#drop(client);
    return outcome;
  }

  /** Runs one query outside a transaction. Rejects with {@link JournalUnavailable} or `JournalRejected`. */
  async query(query: PipelinedQuery): Promise<readonly object[]> {
    const client = await this.#connected();
    const [answer] = await this.#settled(client, [client.query(query.sql, [...query.parameters])]);
    if (answer?.status === 'fulfilled') return answer.value.rows;
    if (!isServerError(answer?.reason)) this.#drop(client);
    throw postgresJournalError(answer?.reason);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  /**
   * Names the statements of batches, because there are few texts (`values-table.ts`) and the server parses and plans
   * a named one once per connection: with 100 sessions at once a command then costs it 54 µs instead of 92
   * (docs/hot-path.md). Beyond the bound, a text is sent without a name.
   */
  #nameOf(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    if (this.#names.size >= limits.preparedStatementsMax) return '';
    const name = `callboard_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }

  async #connected(): Promise<Client> {
    if (this.#closed) throw new JournalUnavailable('The journal is closed');
    if (this.#client !== undefined) return this.#client;
    const client = new Client(this.#config);
    // Without a listener, a connection that breaks while idle would end the process.
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    try {
      await client.connect();
    } catch (cause) {
      this.#drop(client);
      throw new JournalUnavailable(`PostgreSQL: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
    try {
      await this.#prepare(client);
    } catch (cause) {
      this.#drop(client);
      if (cause instanceof StoreTakenOver) throw cause;
      throw postgresJournalError(cause);
    }
    this.#client = client;
    return client;
  }

  async #settled(client: Client, sent: readonly Promise<QueryResult<object>>[]) {
    const patience = setTimeout(() => client.connection.stream.destroy(), limits.databaseAnswerMs);
    try {
      return await Promise.allSettled(sent);
    } finally {
      clearTimeout(patience);
    }
  }

  #drop(client: Client): void {
    if (this.#client === client) this.#client = undefined;
    client.connection.stream.destroy();
  }
}

/** The server answers in order and, after the first error, refuses the rest: so the first error is the reason. */
function outcomeOf(answers: readonly PromiseSettledResult<QueryResult<object>>[]): PipelineOutcome {
  const commit = answers.at(-1);
  if (commit?.status === 'fulfilled' && commit.value.command === 'COMMIT') {
    const rows = answers.map((answer) => (answer.status === 'fulfilled' ? answer.value.rows : []));
    return { state: 'committed', rows: rows.slice(1, -1) };
  }
  const refusal = answers.find((answer) => answer.status === 'rejected');
  if (refusal === undefined)
    return { state: 'rolled back', cause: new Error('commit was answered by rollback') };
  const beforeCommit = refusal !== commit;
  const state = beforeCommit && isServerError(refusal.reason) ? 'rolled back' : 'unknown';
  return { state, cause: refusal.reason };
}
