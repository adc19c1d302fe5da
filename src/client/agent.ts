/**
 * The entry `callboard/client/agent`: for agents that keep their own loop and push what they say into a session. It needs
 * only `fetch`, so it works in Node and in browsers.
 *
 * What an agent says is kept here until the server says that a crash cannot take it back; after a lost connection or a
 * restart of the server, the rest is pushed again.
 *
 * @example
 * const answer = await startTurn({ url: 'http://127.0.0.1:3000', sessionId, agent: 'weather' });
 * answer.text('It is ');
 * answer.text('sunny.');
 * await answer.finish();
 */
import type { ClaimedTurn, PushedCallDecision, StartedTurn, TurnProgress } from '../../schema/pushed-turn.ts';
import { backoffMs } from './backoff.ts';
import { CallboardError, errorOfResponse, fieldsOf } from './client-error.ts';

export type { ClaimedTurn, PushedCallDecision, StartedTurn, TurnProgress } from '../../schema/pushed-turn.ts';
export { CallboardError } from './client-error.ts';

type Connection = {
  /** `http://host:port`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** How long the server may be unreachable before the answer is given up, ms; default: the lease, at least 60 s. */
  readonly patienceMs?: number | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
};

export type StartTurnOptions = Connection & {
  readonly sessionId: string;
  /** What people are shown as the name of the agent. */
  readonly agent: string;
  /** How long the agent may be silent before its turn ends as interrupted, ms; default: the server's. */
  readonly leaseMs?: number | undefined;
};

export type ToolCallToPush = {
  /** The agent's own id; unique within the turn. */
  readonly callId: string;
  readonly name: string;
  readonly arguments: unknown;
};

export type PushedAnswer = StartedTurn & {
  /**
   * Aborts when nothing more is taken: the turn has ended otherwise than by `finish` or `fail` (somebody cancelled it,
   * say), the server cannot be reached, or a part was refused. `reason` tells.
   */
  readonly signal: AbortSignal;
  /** Says a piece of the answer. Never waits; see `drained`. */
  readonly text: (text: string) => void;
  readonly reasoning: (text: string) => void;
  readonly toolCall: (call: ToolCallToPush) => void;
  /** Asks a person whether the call may run; resolves when they have decided, or when nobody has in time. */
  readonly approval: (
    call: ToolCallToPush,
    options?: { readonly timeoutMs?: number },
  ) => Promise<PushedCallDecision>;
  readonly toolResult: (callId: string, result: unknown, options?: { readonly failed?: boolean }) => void;
  /** Resolves when everything said so far was received, so that a fast agent can wait for a slow server. */
  readonly drained: () => Promise<void>;
  /** Ends the answer; resolves when that is durable. Rejects with {@link CallboardError} if the turn ended otherwise. */
  readonly finish: (end?: { readonly model?: string; readonly usage?: object }) => Promise<TurnProgress>;
  /** The agent has failed; what it said is kept. May be called after a part was refused, too. */
  readonly fail: (error: string) => Promise<TurnProgress>;
};

/** Begins an answer below the current leaf of the session. Rejects with `conflict` while another turn runs or waits. */
export async function startTurn(options: StartTurnOptions): Promise<PushedAnswer> {
  const { sessionId, agent, leaseMs } = options;
  const requests = new Requests(options, options.patienceMs ?? 60_000);
  // A repetition gets the same turn.
  const key = { 'Idempotency-Key': crypto.randomUUID() };
  const body = { agent, ...(leaseMs === undefined ? {} : { leaseMs }) };
  const started = await requests.send('POST', `/chat-sessions/${sessionId}/turns`, body, key);
  return pushedAnswer(started as StartedTurn, options);
}

export type ClaimTurnOptions = Omit<StartTurnOptions, 'sessionId'> & {
  /** Of a `turn.offered`. */
  readonly turnId: string;
};

/** A claimed turn: what is pushed, and what was asked. */
export type ClaimedAnswer = PushedAnswer & Pick<ClaimedTurn, 'options' | 'context'>;

/**
 * Takes a turn that is offered to agents like this one. Rejects with `conflict` when another has taken it, or when it
 * is not offered any more.
 */
export async function claimTurn(options: ClaimTurnOptions): Promise<ClaimedAnswer> {
  const { turnId, agent, leaseMs } = options;
  const requests = new Requests(options, options.patienceMs ?? 60_000);
  const key = { 'Idempotency-Key': crypto.randomUUID() };
  const body = { agent, ...(leaseMs === undefined ? {} : { leaseMs }) };
  const claimed = (await requests.send('POST', `/turns/${turnId}/claim`, body, key)) as ClaimedTurn;
  return { ...claimed, ...pushedAnswer(claimed, options) };
}

function pushedAnswer(turn: StartedTurn, options: Connection): PushedAnswer {
  const pusher = new Pusher(
    turn,
    new Requests(options, options.patienceMs ?? Math.max(60_000, turn.leaseMs)),
  );
  return {
    ...turn,
    signal: pusher.signal,
    text: (text) => pusher.say({ type: 'text', text }),
    reasoning: (text) => pusher.say({ type: 'reasoning', text }),
    toolCall: (call) => pusher.say({ type: 'tool-call', ...call }),
    approval: async (call, { timeoutMs } = {}) => {
      const timeout = timeoutMs === undefined ? {} : { approvalTimeoutMs: timeoutMs };
      pusher.say({ type: 'tool-call', ...call, needsApproval: true, ...timeout });
      return await pusher.decision(call.callId);
    },
    toolResult: (callId, result, { failed = false } = {}) =>
      pusher.say({ type: 'tool-result', callId, result, failed }),
    drained: () => pusher.drained(),
    finish: (end = {}) => pusher.end('finish', end),
    fail: (error) => pusher.end('fail', { error }),
  };
}

type Part = { readonly seq: number } & Readonly<Record<string, unknown>>;

/** How many parts go into one push. The server takes more, but not in more bytes than `pushUnitsMax`. */
const pushPartsMax = 500;
const pushUnitsMax = 500_000;
const decisionWaitMs = 20_000;

class Pusher {
  readonly #turn: StartedTurn;
  readonly #requests: Requests;
  readonly #abort = new AbortController();
  /** What was said and may have to be pushed again. */
  #kept: Part[] = [];
  #said = 0;
  #received = 0;
  #pushing: Promise<void> | null = null;
  #heartbeat: ReturnType<typeof setTimeout> | undefined;
  #isEnding = false;

  constructor(turn: StartedTurn, requests: Requests) {
    this.#turn = turn;
    this.#requests = requests;
    this.#beatLater();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  say(part: Readonly<Record<string, unknown>>): void {
    if (this.#isEnding) throw new CallboardError('closed', 'The answer was ended before');
    this.#abort.signal.throwIfAborted();
    this.#said++;
    this.#kept.push({ ...part, seq: this.#said });
    this.#push();
  }

  async drained(): Promise<void> {
    while (this.#received < this.#said) {
      this.#push();
      await this.#pushing;
      this.#abort.signal.throwIfAborted();
    }
  }

  async decision(callId: string): Promise<PushedCallDecision> {
    await this.drained();
    const path = `/turns/${this.#turn.turnId}?wait=`;
    for (let wait = 0; ; wait = decisionWaitMs) {
      this.#abort.signal.throwIfAborted();
      const state = fieldsOf(await this.#requests.send('GET', path + wait));
      const decisions = (state['decisions'] ?? []) as readonly PushedCallDecision[];
      const found = decisions.find((one) => one.callId === callId);
      if (found !== undefined && found.decision !== 'pending') return found;
      if (state['status'] !== 'running') {
        this.#give(new CallboardError('conflict', `The turn has ended as ${String(state['status'])}`));
      }
    }
  }

  async end(as: 'finish' | 'fail', body: object): Promise<TurnProgress> {
    this.#isEnding = true;
    const path = `/turns/${this.#turn.turnId}/${as}`;
    const { lease } = this.#turn;
    try {
      if (as === 'fail' && this.#abort.signal.aborted) {
        return (await this.#requests.send('POST', path, { lease, ...body })) as TurnProgress;
      }
      for (;;) {
        await this.drained();
        try {
          const given = { lease, seq: this.#said, ...body };
          return (await this.#requests.send('POST', path, given)) as TurnProgress;
        } catch (error) {
          // After a crash of the server, it has less than it had.
          if (!this.#isBehind(error)) throw error;
        }
      }
    } finally {
      clearTimeout(this.#heartbeat);
    }
  }

  /** Pushes what was said, as much as there is. A push at a time: parts are received in order. */
  #push(): void {
    if (this.#pushing !== null || this.#abort.signal.aborted) return;
    this.#pushing = this.#pushAll().finally(() => {
      this.#pushing = null;
    });
  }

  async #pushAll(): Promise<void> {
    // What is said in the same tick goes together.
    await Promise.resolve();
    try {
      do await this.#pushOnce();
      while (this.#received < this.#said && !this.#abort.signal.aborted);
    } catch (error) {
      this.#abort.abort(error);
    }
    this.#beatLater();
  }

  async #pushOnce(): Promise<void> {
    const { turnId, lease } = this.#turn;
    const parts: Part[] = [];
    let units = 0;
    for (const part of this.#kept) {
      if (part.seq <= this.#received) continue;
      units += JSON.stringify(part).length;
      if (parts.length > 0 && (parts.length >= pushPartsMax || units > pushUnitsMax)) break;
      parts.push(part);
    }
    try {
      const progress = await this.#requests.send('POST', `/turns/${turnId}/parts`, { lease, parts });
      this.#heard(progress as TurnProgress);
    } catch (error) {
      if (!this.#isBehind(error)) throw error;
    }
  }

  #heard({ received, durable }: TurnProgress): void {
    this.#received = received;
    this.#kept = this.#kept.filter(({ seq }) => seq > durable);
  }

  /**
   * Whether the turn still runs and has less than it had, so that the rest can be pushed again. If it has as much, the
   * same push would be refused again, for ever.
   */
  #isBehind(error: unknown): boolean {
    if (!(error instanceof Refused) || error.turn?.status !== 'running') return false;
    if (error.status !== 409 || error.turn.received >= this.#received) return false;
    this.#heard(error.turn);
    return true;
  }

  #beatLater(): void {
    clearTimeout(this.#heartbeat);
    if (this.#abort.signal.aborted || this.#isEnding) return;
    this.#heartbeat = setTimeout(() => this.#push(), this.#turn.leaseMs / 3);
  }

  #give(error: CallboardError): never {
    this.#abort.abort(error);
    throw error;
  }
}

/** A refusal, with how far the turn is. */
class Refused extends CallboardError {
  readonly status: number;
  readonly turn: TurnProgress | undefined;

  constructor(status: number, body: unknown) {
    const { code, message, retryable, retryAfterMs } = errorOfResponse(status, body);
    super(code, message, retryable, retryAfterMs);
    this.status = status;
    this.turn = fieldsOf(body)['turn'] as TurnProgress | undefined;
  }
}

/** Requests that are tried again while the server cannot be reached, or says that it may help. */
class Requests {
  readonly #options: Connection;
  readonly #patienceMs: number;

  constructor(options: Connection, patienceMs: number) {
    this.#options = options;
    this.#patienceMs = patienceMs;
  }

  async send(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    const until = Date.now() + this.#patienceMs;
    for (let attempt = 0; ; attempt++) {
      let failure: CallboardError;
      try {
        return await this.#once(method, path, body, headers);
      } catch (error) {
        if (error instanceof Refused && !error.retryable) throw error;
        failure =
          error instanceof CallboardError ? error : new CallboardError('unreachable', String(error), true);
      }
      if (Date.now() >= until) throw failure;
      const backoff = backoffMs(attempt, Math.random(), { firstMs: 100, maxMs: 3000 });
      const wait = 50 + Math.min(failure.retryAfterMs, this.#patienceMs) + backoff;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #once(method: string, path: string, body: object | undefined, headers: Record<string, string>) {
    const { url, apiKey, fetch: fetched = fetch } = this.#options;
    const response = await fetched(url.replace(/\/$/, '') + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(apiKey === undefined ? {} : { 'X-API-Key': apiKey }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Refused(response.status, jsonOf(text));
    return JSON.parse(text) as unknown;
  }
}

/** Something in between may answer with anything. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
