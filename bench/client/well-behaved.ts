/**
 * Principals that use the server as it is meant to be used: each has a socket and a session of its own, sends commands at
 * an even pace, and measures how long until the event of each command arrives at its socket.
 */
import { z } from 'zod';
import { latencyOf, newHistogram, recordMs } from './latencies.ts';
import { RawConnection } from './raw-connection.ts';
import { callRest, createSession } from './rest.ts';

export const wellBehavedSchema = z.object({
  port: z.number().int(),
  keys: z.array(z.string()),
  /** Commands of each principal in a second. */
  perSecond: z.number(),
  /** How long they go on before anything is measured, ms. */
  warmUpMs: z.number(),
  ms: z.number(),
});

const subprotocol = 'callboard.v1';
const namespace = '/chat-sessions';
const silenceMsMax = 10_000;

export async function wellBehaved({
  port,
  keys,
  perSecond,
  warmUpMs,
  ms,
}: z.infer<typeof wellBehavedSchema>) {
  const people = await Promise.all(keys.map((key) => Person.enter(port, key)));
  const histogram = newHistogram();
  const faults: string[] = [];
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  const began = performance.now();
  const fromMs = began + warmUpMs;
  const intervalMs = 1000 / perSecond;
  await Promise.all(
    people.map(async (person, index) => {
      // People are not in step.
      const first = began + (index / people.length) * intervalMs;
      for (let turn = 0; first + turn * intervalMs < fromMs + ms; turn++) {
        const due = first + turn * intervalMs;
        await at(due);
        try {
          const took = await person.rename(`${index} ${turn}`);
          if (due >= fromMs) recordMs(histogram, took);
        } catch (cause) {
          faults.push(cause instanceof Error ? cause.message : String(cause));
        }
      }
    }),
  );
  const wallMs = performance.now() - began;
  const cpu = process.cpuUsage(cpuBefore);
  const { utilization } = performance.eventLoopUtilization(loopBefore);
  for (const person of people) person.leave();
  return {
    latency: latencyOf(histogram),
    clientCpuShare: Math.max((cpu.user + cpu.system) / 1000 / wallMs, utilization),
    faults: faults.slice(0, 5),
  };
}

class Person {
  readonly #port: number;
  readonly #key: string;
  readonly #sessionId: string;
  #connection: RawConnection | undefined;
  #awaited: { readonly text: Buffer; readonly seen: () => void } | undefined;

  private constructor(port: number, key: string, sessionId: string) {
    this.#port = port;
    this.#key = key;
    this.#sessionId = sessionId;
  }

  static async enter(port: number, key: string): Promise<Person> {
    const person = new Person(port, key, await createSession(port, key));
    person.#connection = await RawConnection.open({
      port,
      key,
      path: namespace,
      subprotocol,
      onFrame: (bytes, start, end) => person.#take(bytes.subarray(start, end)),
    });
    return person;
  }

  /** The time from the command to its event, ms. Rejects when the command is refused, or no event comes. */
  async rename(title: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error('no event of a command came')), silenceMsMax);
    this.#awaited = { text: Buffer.from(`"title":"${title}"`), seen: resolve };
    const start = performance.now();
    const body = { title };
    const answered = callRest(this.#port, `/chat-sessions/${this.#sessionId}`, body, {
      method: 'PATCH',
      key: this.#key,
    });
    try {
      await Promise.all([promise, answered]);
      return performance.now() - start;
    } finally {
      clearTimeout(timer);
    }
  }

  leave(): void {
    this.#connection?.close();
  }

  #take(frame: Buffer): void {
    if (this.#awaited !== undefined && frame.includes(this.#awaited.text)) this.#awaited.seen();
  }
}

function at(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - performance.now())));
}
