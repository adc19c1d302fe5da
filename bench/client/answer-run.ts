/**
 * One measured round: asks for the answers, waits until every subscriber has its text, and returns the measurements.
 */
import { createHash } from 'node:crypto';
import { type EventLoopUtilization, monitorEventLoopDelay } from 'node:perf_hooks';
import { writeEmissions } from '../engine/emissions-file.ts';
import { emissionKey, type Prompt } from '../engine/prompt.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { processorUse, starvedShare } from '../process/starvation.ts';
import { emissionsBeside, type Flush, writeRecording } from '../systems/recording.ts';
import { answerTokens } from '../text/answer-text.ts';
import type { Answered, AnswerQuestion } from './questions.ts';
import { callRest, inParallel } from './rest.ts';
import type { Subscriber, SubscriberConnection } from './subscriber.ts';

const faultsShown = 5;
const requestsAtOnce = 16;
const restMs = 100;

export class AnswerRun {
  readonly #question: AnswerQuestion;
  readonly #subscribers: ReadonlyMap<number, readonly Subscriber[]>;
  readonly #recordings = new Map<number, Flush[]>();
  /** When the answer of each session was asked for. */
  readonly askedMs = new Map<number, number>();
  #beganMs = 0;
  #stalled: ReadonlySet<Subscriber> = new Set();

  constructor(question: AnswerQuestion, subscribers: ReadonlyMap<number, readonly Subscriber[]>) {
    this.#question = question;
    this.#subscribers = subscribers;
  }

  get answers(): AnswerQuestion['answers'] {
    return this.#question.answers;
  }

  async run(): Promise<Answered> {
    const { answers, fromMs, untilMs, serverPid, waitMsMax } = this.#question;
    const expected = answers.map(({ prompt }) => Buffer.from(answerTokens(prompt).join('')));
    const listening = this.#expectAll(expected);
    const all = listening.flat();
    const stalled = this.#stall(listening[0] ?? []);
    const reading = all.filter((subscriber) => !stalled.has(subscriber));
    const connections = all.flatMap((subscriber) => subscriber.connections);
    const completed = untilAll(reading);
    const resumed = untilAll([...stalled]);
    const lag = monitorEventLoopDelay({ resolution: 5 });
    this.#beganMs = monotonicMs();
    let began = snapshot(serverPid, connections);
    lag.enable();
    const window =
      fromMs > 0
        ? at(fromMs).then(() => {
            began = snapshot(serverPid, connections);
            lag.reset();
          })
        : undefined;
    this.#record();
    const atOnce = answers.filter(({ askAtMs }) => askAtMs === 0);
    const later = answers.filter(({ askAtMs }) => askAtMs > 0);
    let early: Snapshot | undefined;
    if (untilMs !== undefined)
      void at(untilMs).then(() => {
        early = snapshot(serverPid, connections, began.loop);
        lag.disable();
      });
    await Promise.all([
      inParallel(atOnce.length, requestsAtOnce, async (index) => {
        const answer = atOnce[index];
        if (answer !== undefined) await this.#ask(answer);
      }),
      ...later.map(async (answer) => {
        await at(answer.askAtMs);
        await this.#ask(answer);
      }),
    ]);
    await Promise.race([completed, at(this.#beganMs + waitMsMax)]);
    const ended = early ?? snapshot(serverPid, connections, began.loop);
    lag.disable();
    await window;
    const { resume } = this.#question;
    const resumedMs = resume && stalled.size > 0 ? await this.#resume(reading[0], resumed) : null;
    const judgedOnes = resume ? listening : listening.map((each) => each.filter((one) => !stalled.has(one)));
    // The last events of an exchange follow its text.
    if (this.#question.recordFile !== undefined) await at(monotonicMs() + restMs);
    const serverCpuMs = ended.server.usedMs - began.server.usedMs;
    return {
      wallMs: ended.atMs - began.atMs,
      serverCpuMs: Number.isNaN(serverCpuMs) ? null : serverCpuMs,
      serverStarvedShare: starvedShare(began.server, ended.server),
      clientCpuMs: ended.clientCpuMs - began.clientCpuMs,
      clientBusyShare: ended.loop.utilization,
      clientLagMs: Math.max(0, lag.percentile(99) / 1e6 - 5),
      subscribers: reading.length,
      complete: reading.filter(({ text }) => text.complete).length,
      resumedMs,
      bytes: ended.bytes - began.bytes,
      frames: ended.frames - began.frames,
      ...judged(judgedOnes, expected),
    };
  }

  /** Writes the recording, if there is one, and beside it the times at which the engine emitted the tokens. */
  writeRecording(emissions: ReadonlyMap<string, Float64Array>): void {
    const { recordFile } = this.#question;
    if (recordFile === undefined) return;
    writeRecording(recordFile, this.#recordings);
    const startMs = new Map(this.answers.map(({ prompt }) => [emissionKey(prompt), this.#startMs(prompt)]));
    writeEmissions(
      emissionsBeside(recordFile),
      new Map([...emissions].map(([key, times]) => [key, times.map((ms) => ms - (startMs.get(key) ?? 0))])),
    );
  }

  /** The moment from which a recording counts time. */
  #startMs({ startAtMs }: Prompt): number {
    return startAtMs === 0 ? this.#beganMs : startAtMs;
  }

  async #ask({ sessionId, prompt }: AnswerQuestion['answers'][number]): Promise<void> {
    const content = JSON.stringify(prompt);
    this.askedMs.set(prompt.session, monotonicMs());
    if (this.#subscribers.get(prompt.session)?.some((one) => one.ask(content))) return;
    await callRest(this.#question.port, `/chat-sessions/${sessionId}/messages`, { content });
  }

  /** The subscribers of a session whose latency is measured. */
  readersOf(session: number): readonly Subscriber[] {
    return (this.#subscribers.get(session) ?? []).filter((subscriber) => !this.#stalled.has(subscriber));
  }

  #stall(members: readonly Subscriber[]): ReadonlySet<Subscriber> {
    this.#stalled = new Set(members.slice(members.length - this.#question.stalled));
    for (const { connections } of this.#stalled) for (const connection of connections) connection.stall();
    return this.#stalled;
  }

  /**
   * Lets stalled subscribers read again; returns how long it takes until they have this answer's text, which comes
   * after that of earlier answers.
   */
  async #resume(reader: Subscriber | undefined, complete: Promise<void>): Promise<number> {
    const start = monotonicMs();
    for (const { connections, text } of this.#stalled) {
      text.follow(reader?.text.messageId);
      for (const connection of connections) connection.unstall();
    }
    await Promise.race([complete, at(start + this.#question.waitMsMax)]);
    return monotonicMs() - start;
  }

  /** Sets the text that each subscriber expects; returns the subscribers of each answer. */
  #expectAll(expected: readonly Buffer[]): readonly (readonly Subscriber[])[] {
    return this.#question.answers.map(({ prompt }, index) => {
      const members = this.#subscribers.get(prompt.session) ?? [];
      for (const subscriber of members) subscriber.expect(expected[index]?.length ?? 0);
      return members;
    });
  }

  #record(): void {
    for (const { prompt } of this.#question.answers) {
      const [first] = this.#subscribers.get(prompt.session) ?? [];
      if (first === undefined) continue;
      first.onFrame = undefined;
      first.onRead = undefined;
      if (this.#question.recordFile === undefined) continue;
      const flushes: Flush[] = [];
      this.#recordings.set(prompt.session, flushes);
      let frames: Uint8Array[] = [];
      first.onFrame = (payload) => frames.push(Buffer.from(payload));
      first.onRead = (atMs) => {
        if (frames.length > 0) flushes.push({ atMs: atMs - this.#startMs(prompt), frames });
        frames = [];
      };
    }
  }
}

/** Whether every text equals the engine's, and the hash of all texts. */
function judged(listening: readonly (readonly Subscriber[])[], expected: readonly Buffer[]) {
  const hash = createHash('sha256');
  const faults: string[] = [];
  for (const [index, members] of listening.entries()) {
    for (const { text, connections } of members) {
      hash.update(text.text);
      const ended = connections.find((connection) => connection.ended !== undefined)?.ended;
      const wrong = text.fault ?? ended ?? differs(text.text, expected[index], text.units);
      if (wrong !== undefined && faults.length < faultsShown) faults.push(`answer ${index}: ${wrong}`);
    }
  }
  return { textHash: hash.digest('hex').slice(0, 16), faults };
}

function differs(text: Buffer, expected: Buffer | undefined, units: number): string | undefined {
  if (expected === undefined || text.equals(expected)) return undefined;
  if (units < expected.length) return `only ${units} of ${expected.length} characters came`;
  return 'another text than the engine emitted';
}

function untilAll(subscribers: readonly Subscriber[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = subscribers.length;
  if (left === 0) resolve();
  for (const subscriber of subscribers) {
    subscriber.onComplete = () => {
      subscriber.onComplete = () => {};
      left--;
      if (left === 0) resolve();
    };
  }
  return promise;
}

type Snapshot = ReturnType<typeof snapshot>;

function snapshot(
  serverPid: number,
  connections: readonly SubscriberConnection[],
  since?: EventLoopUtilization,
) {
  const { user, system } = process.cpuUsage();
  return {
    atMs: monotonicMs(),
    server: processorUse(serverPid),
    clientCpuMs: (user + system) / 1000,
    bytes: connections.reduce((sum, { bytes }) => sum + bytes, 0),
    frames: connections.reduce((sum, { frames }) => sum + frames, 0),
    loop: performance.eventLoopUtilization(since),
  };
}

function at(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms - monotonicMs())));
}
