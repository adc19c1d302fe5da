/**
 * People who use the server for a long time: each makes a session, listens to it, asks at an even pace, sometimes loses the
 * connection, leaves, and deletes most of the sessions. What they do is the same in every run.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { latencyOf, newHistogram, recordMs } from './latencies.ts';
import { callRest, createSession } from './rest.ts';
import { SoakedSession } from './soaked-session.ts';

export const soakSchema = z.object({
  port: z.number().int(),
  users: z.number().int(),
  /** Of all users together. */
  turnsPerSecond: z.number(),
});

/** Turns in one session: few to some. */
const turnsOf = (user: number, visit: number) => 3 + ((visit * 7 + user * 5) % 10);
/** One session in so many is left behind. */
const keptEvery = 4;
/** The connection is lost before one turn in so many. */
const lostEvery = 5;
/** One question in so many has a tool called first. */
const toolEvery = 6;
const faultsShown = 5;

export class Soak {
  readonly #question: z.infer<typeof soakSchema>;
  readonly #all = newHistogram();
  #recent = newHistogram();
  #turns = 0;
  #sessions = 0;
  readonly #faults: string[] = [];
  readonly #users: readonly Promise<void>[];
  readonly #beganMs = performance.now();
  readonly #loop = performance.eventLoopUtilization();
  #ended = false;

  constructor(question: z.infer<typeof soakSchema>) {
    this.#question = question;
    this.#users = Array.from({ length: question.users }, (_, user) => this.#live(user));
  }

  /** From the question to the first token, since the last call. */
  sample() {
    const latency = latencyOf(this.#recent);
    this.#recent = newHistogram();
    return latency;
  }

  /** Lets everybody end what they do; then the figures of all the time. */
  async stop() {
    this.#ended = true;
    const ms = performance.now() - this.#beganMs;
    const { utilization } = performance.eventLoopUtilization(this.#loop);
    await Promise.all(this.#users);
    return {
      latency: latencyOf(this.#all),
      turns: this.#turns,
      sessions: this.#sessions,
      asked: (ms / 1000) * this.#question.turnsPerSecond,
      clientBusyShare: utilization,
      faults: this.#faults.slice(0, faultsShown),
    };
  }

  async #live(user: number): Promise<void> {
    const { users, turnsPerSecond } = this.#question;
    const everyMs = (users / turnsPerSecond) * 1000;
    let dueMs = this.#beganMs + (user / users) * everyMs;
    for (let visit = 0; !this.#ended; visit++) {
      try {
        await this.#visit(user, visit, async () => {
          // Who was late asks again at once, but does not make up for more than that.
          dueMs = Math.max(dueMs + everyMs, performance.now());
          await pause(Math.max(0, dueMs - performance.now()));
        });
      } catch (cause) {
        this.#faults.push(cause instanceof Error ? cause.message : String(cause));
        await pause(everyMs);
      }
    }
  }

  async #visit(user: number, visit: number, due: () => Promise<void>): Promise<void> {
    const { port } = this.#question;
    const sessionId = await createSession(port);
    this.#sessions++;
    let session = await SoakedSession.enter(port, sessionId);
    try {
      for (let turn = 0; turn < turnsOf(user, visit) && !this.#ended; turn++) {
        await due();
        if (turn % lostEvery === lostEvery - 1) {
          session.leave();
          session = await SoakedSession.enter(port, sessionId);
        }
        const firstTokenMs = await session.ask({ withTool: (visit + turn) % toolEvery === 0 });
        for (const histogram of [this.#all, this.#recent]) recordMs(histogram, firstTokenMs);
        this.#turns++;
      }
    } finally {
      session.leave();
    }
    if (visit % keptEvery !== keptEvery - 1)
      await callRest(port, `/chat-sessions/${sessionId}`, undefined, { method: 'DELETE' });
  }
}
