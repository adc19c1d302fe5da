/**
 * The door: whatever bytes a visitor sends, the server lives, answers others, never answers 500, and keeps neither
 * sockets nor memory for the visitor (I12; HTTP11, HTTP15, WS7, WS8, FRM1–FRM10).
 */
import fc from 'fast-check';
import {
  type Budget,
  type NamedProperty,
  namedProperty,
  type Stage,
  type Verdict,
} from '../named-property.ts';
import type { Sabotage } from './door/fuzzed-server.ts';
import { pay, type Visit, visit, visitText } from './door/visit.ts';
import { WatchedServer } from './door/watched-server.ts';

const about = {
  name: 'open-door',
  promises: 'Whatever bytes come in, the server lives, says no 500, and leaks neither sockets nor memory.',
  rules: ['I12', 'HTTP5', 'HTTP11', 'WS7', 'WS8', 'V1B6'],
  runs: 1500,
  quickRuns: 250,
} as const;

/** After so many visits, bounded caches have reached their size. */
const warmUpVisits = 300;
/** How many bytes visits may leave behind in stored data and bounded caches: per visit, and for all together. */
const bytesPerVisitMax = 12 * 1024;
const bytesMin = 8 * 1024 * 1024;
const bytesMax = 64 * 1024 * 1024;

/** If another visitor waits longer than this, the server does not answer. */
const answerMsMax = 10_000;

class Door {
  readonly #server: WatchedServer;
  #sessionId = '';
  #visits = 0;
  #answers: Record<string, number> = {};
  #socketsBefore = 0;
  #bytesBefore = 0;

  constructor(server: WatchedServer) {
    this.#server = server;
  }

  /** Visits that are not measured, so that growth measured later is a leak. */
  async warmUp(seed: number): Promise<void> {
    for (const one of fc.sample(visit, { seed, numRuns: warmUpVisits })) await this.#pay(one);
    // Their errors are not counted; a cause of errors will be met again.
    await this.#server.health();
    this.#bytesBefore = await this.#bytes();
    this.#socketsBefore = await this.#sockets();
  }

  async check(one: Visit): Promise<void> {
    const received = await this.#pay(one);
    this.#visits++;
    for (const [, status = ''] of received.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      this.#answers[status] = (this.#answers[status] ?? 0) + 1;
      if (status === '500') throw new Error(`the server said 500: ${received}`);
    }
    if (received.includes('"code":"internal"')) throw new Error(`the server said internal: ${received}`);
    if (this.#visits % 50 === 0) await this.#expectNoErrors();
  }

  async #pay(one: Visit): Promise<string> {
    await this.#expectSession();
    return pay(one, this.#server.port, this.#sessionId, () => this.#probe());
  }

  /** Makes the session again, because a visitor may have deleted it. */
  async #expectSession(): Promise<void> {
    if (this.#sessionId !== '' && this.#visits % 20 !== 0) return;
    const base = `http://127.0.0.1:${this.#server.port}/chat-sessions`;
    const known = this.#sessionId === '' ? 404 : (await fetch(`${base}/${this.#sessionId}`)).status;
    if (known === 200) return;
    const headers = { 'content-type': 'application/json' };
    const made = await fetch(base, { method: 'POST', headers, body: '{"title":"Fuzzed"}' });
    const session: { readonly id: string } = JSON.parse(await made.text());
    this.#sessionId = session.id;
  }

  /**
   * Another visitor gets an answer to a command that the journal stored; by then, earlier requests have been
   * answered.
   */
  async #probe(): Promise<void> {
    if (this.#server.hasDied) throw new Error('the server has died');
    const response = await fetch(`http://127.0.0.1:${this.#server.port}/config`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(answerMsMax),
    });
    await response.text();
    if (response.status !== 200) throw new Error(`another visitor is answered ${response.status}`);
  }

  async #expectNoErrors(): Promise<void> {
    const { errors } = await this.#server.health();
    if (errors.length > 0) throw new Error(`the server logged: ${errors.join('')}`);
  }

  async #bytes(): Promise<number> {
    const { heapBytes, bufferBytes } = await this.#server.health();
    return heapBytes + bufferBytes;
  }

  /** Gives closing connections a few turns of the server to disappear. */
  async #sockets(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let look = 0; look < 20; look++) {
      await this.#probe();
      least = Math.min(least, this.#server.sockets());
    }
    return least;
  }

  counts(): Record<string, number> {
    return { steps: this.#visits, ...this.#answers };
  }

  /** What is wrong after all visits, one line each. */
  async leaks(): Promise<readonly string[]> {
    await this.#expectNoErrors();
    const sockets = (await this.#sockets()) - this.#socketsBefore;
    const bytes = (await this.#bytes()) - this.#bytesBefore;
    const allowed = Math.min(bytesMin + this.#visits * bytesPerVisitMax, bytesMax);
    this.#answers['leaked sockets'] = sockets;
    this.#answers['grown kB'] = Math.round(bytes / 1024);
    return [
      ...(sockets > 2 ? [`${sockets} sockets are still open`] : []),
      ...(bytes > allowed ? [`${bytes} bytes were not given back, more than ${allowed}`] : []),
    ];
  }
}

export const openDoor: NamedProperty = { ...about, run: (budget) => visitDoor(budget) };

/** The property, for a server that may be broken on purpose. */
export async function visitDoor(budget: Budget, sabotage?: Sabotage): Promise<Verdict> {
  const server = await WatchedServer.start(sabotage);
  try {
    const door = new Door(server);
    if (budget.path === undefined) await door.warmUp(budget.seed);
    const stage: Stage<Visit> = {
      check: (one) => door.check(one),
      script: visitText,
      counts: () => door.counts(),
    };
    const verdict = await namedProperty({ ...about, values: visit, open: () => stage }).run(budget);
    return verdict.failure === null ? withLeaks(verdict, door, await door.leaks()) : verdict;
  } finally {
    await server.stop();
  }
}

function withLeaks(verdict: Verdict, door: Door, leaks: readonly string[]): Verdict {
  const counted = { ...verdict, counts: door.counts() };
  if (leaks.length === 0) return counted;
  return {
    ...counted,
    failure: { path: '', shrinks: 0, message: 'something was left behind', script: leaks },
  };
}
