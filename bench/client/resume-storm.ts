/**
 * Clients of `callboard.v1` that all missed the same events and reconnect at once, while another client stays live:
 * how long until all have caught up, and the latency of the live one.
 */
import { z } from 'zod';
import { latencyOf, newHistogram, recordMs } from './latencies.ts';
import { RawConnection } from './raw-connection.ts';
import { callRest, inParallel } from './rest.ts';

export const resumeStormSchema = z.object({
  port: z.number().int(),
  sessionId: z.string(),
  clients: z.number().int(),
  missed: z.number().int(),
  /** How many delays of a live event are measured before the storm. */
  calmProbes: z.number().int(),
});

const subprotocol = 'callboard.v1';
const namespace = '/chat-sessions';
const helloSchema = z.object({ data: z.object({ epoch: z.string(), seq: z.number() }) });

export async function resumeStorm(question: z.infer<typeof resumeStormSchema>) {
  const { port, sessionId, clients, missed } = question;
  const rename = (title: string) =>
    callRest(port, `/chat-sessions/${sessionId}`, { title }, { method: 'PATCH' });
  const live = await Watcher.open(port, namespace);
  const { epoch, seq } = helloSchema.parse(JSON.parse(await live.first)).data;
  for (let index = 0; index < missed; index++) await rename(`missed ${index}`);
  await live.saw(`missed ${missed - 1}`);
  const path = `${namespace}?since=${encodeURIComponent(`${epoch}:${seq}`)}`;
  const probe = async () => {
    const title = `probe ${performance.now()}`;
    const start = performance.now();
    const seen = live.saw(title);
    await rename(title);
    await seen;
    return performance.now() - start;
  };
  const calm = newHistogram();
  for (let index = 0; index < question.calmProbes; index++) recordMs(calm, await probe());

  const during = newHistogram();
  const caughtUp = newHistogram();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  let storming = true;
  const storm = inParallel(clients, clients, async () => {
    const began = performance.now();
    const watcher = await Watcher.open(port, path);
    await watcher.saw(`missed ${missed - 1}`);
    recordMs(caughtUp, performance.now() - began);
    return watcher;
  });
  const probing = (async () => {
    while (storming) recordMs(during, await probe());
  })();
  const watchers = await storm;
  const wallMs = performance.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  storming = false;
  await probing;
  const lost = watchers.filter((watcher) => watcher.updates(missed) < missed).length;
  for (const watcher of [live, ...watchers]) watcher.close();
  return {
    wallMs,
    eventsPerSecond: (clients * missed * 1000) / wallMs,
    caughtUp: latencyOf(caughtUp),
    calm: latencyOf(calm),
    during: latencyOf(during),
    clientCpuShare: (cpu.user + cpu.system) / 1000 / wallMs,
    lost,
  };
}

/** Looks for titles in received frames. */
class Watcher {
  readonly #first = Promise.withResolvers<string>();
  #connection: RawConnection | undefined;
  #frames = 0;
  #waiting: { readonly text: Buffer; readonly resolve: () => void }[] = [];
  #missedSeen = 0;
  #lastMissed = -1;

  static async open(port: number, path: string): Promise<Watcher> {
    const watcher = new Watcher();
    watcher.#connection = await RawConnection.open({
      port,
      path,
      subprotocol,
      onFrame: (bytes, start, end) => watcher.#take(bytes.subarray(start, end)),
    });
    await watcher.#first.promise;
    return watcher;
  }

  get first(): Promise<string> {
    return this.#first.promise;
  }

  /** Resolves when this title is received; at once if it was the last one received. */
  saw(title: string): Promise<void> {
    if (title === `missed ${this.#lastMissed}`) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ text: Buffer.from(`"title":"${title}"`), resolve }));
  }

  /** How many of the `count` missed titles arrived in order. */
  updates(count: number): number {
    return Math.min(count, this.#missedSeen);
  }

  close(): void {
    this.#connection?.close();
  }

  #take(frame: Buffer): void {
    if (this.#frames++ === 0) this.#first.resolve(frame.toString());
    const at = frame.indexOf('"title":"missed ');
    if (at > 0) {
      const number = Number.parseInt(frame.toString('latin1', at + 16, at + 24), 10);
      if (number === this.#lastMissed + 1) this.#missedSeen++;
      this.#lastMissed = number;
    }
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter(({ text, resolve }) => {
      if (!frame.includes(text)) return true;
      resolve();
      return false;
    });
  }
}
