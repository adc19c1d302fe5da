/** One system and one load client, each in its own pinned process, for one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Latency } from '../client/latencies.ts';
import { type Answered, answeredSchema, measuredLatenciesSchema, openedSchema } from '../client/questions.ts';
import type { Prompt } from '../engine/prompt.ts';
import { clientCpu, MeasuredProcess, serverCpu } from '../process/measured-process.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { cpuMs, mappedBytes, peakBytes } from '../process/usage.ts';
import {
  type ProviderArgument,
  type ProviderStrain,
  providerStrainSchema,
} from '../provider/provider-argument.ts';
import { listeningSchema, type ServerArgument } from '../systems/serve.ts';
import { type SystemName, systems } from '../systems/systems.ts';

const providerProgram = new URL('../provider/provider-process.ts', import.meta.url);
const loadClient = new URL('../client/load-client.ts', import.meta.url);
/** How long before their first token paced answers are requested, so that all turns are ready. */
const leadMs = 300;
const leadMsPerAnswer = 0.8;

export type AnswerPlan = {
  readonly seed: number;
  /** Distinguishes the answers of one rig. */
  readonly answer: number;
  /** Of each answer, or of that of each session. */
  readonly tokens: number | ((session: number) => number);
  readonly pieceCharacters?: number;
  /** Tokens per second of each answer; 0: as fast as possible. */
  readonly rate: number;
  /** Paced answers: how long after the first token measuring begins, ms. */
  readonly warmUpMs?: number;
  /** Paced answers: for how long is measured, ms; by default until the last text is there. */
  readonly measuredMs?: number;
  /**
   * Paced answers: when each begins after the first, ms. `now`: all that have one are asked for at this time, and begin when
   * the server has begun; their latency is that of their first tokens. By default all begin within one interval.
   */
  readonly arrivals?: (session: number) => { readonly ms: number; readonly now?: boolean };
  readonly waitMsMax: number;
  /** How many subscribers of the first session do not read while the others do, and whether they read afterwards. */
  readonly stalled?: number;
  readonly resume?: boolean;
  readonly recordFile?: string;
};

export type Round = Answered & {
  readonly latency: Latency;
  /** Of answers that began when they were asked for: from the question to the first token. */
  readonly firstTokens: Latency;
  /** How many tokens subscribers received in the measured time. */
  readonly tokensDelivered: number;
  /** Where the tokens come from a provider process. */
  readonly provider?: ProviderStrain;
};

/** Bytes; what comes from `/proc` is `NaN` without it. */
export type Memory = ReturnType<typeof mappedBytes> & { readonly heap: number };

type RigOptions = {
  /** The server's tokens come from a provider process, which shares the client's processor. */
  readonly provider?: ProviderArgument;
  /** How many files and connections server and client must each be able to open. */
  readonly openFiles?: number;
};

/** The processes of a rig. */
type Processes = {
  readonly server: MeasuredProcess;
  readonly client: MeasuredProcess;
  readonly provider: MeasuredProcess | undefined;
};

export class Rig {
  readonly #server: MeasuredProcess;
  readonly #client: MeasuredProcess;
  readonly #provider: MeasuredProcess | undefined;
  readonly #system: SystemName;
  readonly #port: number;
  readonly #folder: string;
  #sessions: readonly string[] = [];

  private constructor(processes: Processes, system: SystemName, port: number, folder: string) {
    this.#server = processes.server;
    this.#client = processes.client;
    this.#provider = processes.provider;
    this.#system = system;
    this.#port = port;
    this.#folder = folder;
  }

  static async start(
    system: SystemName,
    settings: Omit<ServerArgument, 'folder' | 'provider'> = {},
    { provider, openFiles = 0 }: RigOptions = {},
  ): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'callboard-bench-'));
    const started: MeasuredProcess[] = [];
    const start = async <Ready>(
      program: URL,
      options: { cpu: number; argument: unknown; nodeOptions?: readonly string[] | undefined },
      ready: z.ZodType<Ready>,
    ) => {
      const { nodeOptions = [], ...rest } = options;
      const one = await MeasuredProcess.start(program, { ...rest, nodeOptions, openFiles, ready });
      started.unshift(one.process);
      return one;
    };
    try {
      const source =
        provider === undefined
          ? undefined
          : await start(providerProgram, { cpu: clientCpu, argument: provider }, listeningSchema);
      const argument: ServerArgument = {
        ...settings,
        folder,
        ...(source === undefined || provider === undefined
          ? {}
          : { provider: { url: `http://127.0.0.1:${source.ready.port}`, format: provider.format } }),
      };
      const { program, nodeOptions } = systems[system];
      const server = await start(program, { cpu: serverCpu, argument, nodeOptions }, listeningSchema);
      const client = await start(loadClient, { cpu: clientCpu, argument: null }, z.null());
      const processes = { server: server.process, client: client.process, provider: source?.process };
      return new Rig(processes, system, server.ready.port, folder);
    } catch (cause) {
      for (const one of started) await one.stop();
      rmSync(folder, { recursive: true, force: true });
      throw cause;
    }
  }

  get port(): number {
    return this.#port;
  }

  get sessions(): readonly string[] {
    return this.#sessions;
  }

  get client(): MeasuredProcess {
    return this.#client;
  }

  get server(): MeasuredProcess {
    return this.#server;
  }

  /** The server's processor time so far. */
  cpuMs(): number {
    return cpuMs(this.#server.pid);
  }

  peakBytes(): number {
    return peakBytes(this.#server.pid);
  }

  /** The server's memory after a garbage collection. */
  async memory(): Promise<Memory> {
    const heap = await this.#server.ask('collect', null, z.number());
    return { ...mappedBytes(this.#server.pid), heap };
  }

  async createSessions(count: number): Promise<void> {
    const data = { port: this.#port, count };
    this.#sessions = await this.#client.ask('createSessions', data, z.array(z.string()));
  }

  async subscribe(
    subscribersOf: (session: number) => number,
    options: { readonly atOnce?: number; readonly compress?: boolean } = {},
  ): Promise<z.infer<typeof openedSchema>> {
    const sessions = this.#sessions.map((id, index) => ({ index, id, subscribers: subscribersOf(index) }));
    const question = { port: this.#port, system: this.#system, sessions, atOnce: 50, ...options };
    return this.#client.ask('open', question, openedSchema);
  }

  /** Gives the ceiling the recording to replay. */
  async replay(recordFile: string): Promise<void> {
    if (systems[this.#system].replays) await this.#server.ask('record', recordFile, z.null());
  }

  /** Asks for one answer in every session at the same time. */
  async answer(plan: AnswerPlan): Promise<Round> {
    const intervalMs = plan.rate === 0 ? 0 : 1000 / plan.rate;
    const prompts = this.#sessions.map(
      (_id, session): Prompt => ({
        seed: plan.seed,
        session,
        answer: plan.answer,
        tokens: typeof plan.tokens === 'number' ? plan.tokens : plan.tokens(session),
        pieceCharacters: plan.pieceCharacters ?? 0,
        intervalMs,
        startAtMs: 0,
      }),
    );
    const { arrivals } = plan;
    const startAtMs = plan.rate === 0 ? 0 : monotonicMs() + this.#leadMs(plan);
    const answers = prompts.map((prompt, index) => {
      const sessionId = this.#sessions[index] ?? '';
      if (startAtMs === 0) return { sessionId, prompt, askAtMs: 0 };
      const arrival = arrivals?.(index);
      // Without arrivals the first tokens are spread over one interval: answers of different users are not synchronised.
      const beginsMs = startAtMs + (arrival?.ms ?? (index / prompts.length) * intervalMs);
      if (arrival?.now === true) return { sessionId, prompt, askAtMs: beginsMs };
      const askAtMs = arrival === undefined ? 0 : beginsMs - leadMs;
      return { sessionId, prompt: { ...prompt, startAtMs: beginsMs }, askAtMs };
    });
    const fromMs = startAtMs === 0 ? 0 : startAtMs + (plan.warmUpMs ?? 0);
    const untilMs = plan.measuredMs === undefined ? undefined : fromMs + plan.measuredMs;
    const source = this.#provider ?? this.#server;
    await source.ask(
      'prepare',
      answers.map(({ prompt }) => prompt),
      z.null(),
    );
    const { waitMsMax, recordFile, stalled, resume } = plan;
    const about = { port: this.#port, serverPid: this.#server.pid, answers, fromMs, untilMs, waitMsMax };
    const question = { ...about, recordFile, stalled, resume };
    const answered = await this.#client.ask('answer', question, answeredSchema, waitMsMax + 60_000);
    const emissionsFile = join(this.#folder, 'emissions');
    await source.ask('emissions', emissionsFile, z.null());
    const sessions =
      arrivals === undefined
        ? undefined
        : prompts.map(({ session }) => session).filter((session) => arrivals(session).now !== true);
    const { tokens: latency, firstTokens } = await this.#client.ask(
      'latencies',
      { emissionsFile, fromMs, untilMs, sessions },
      measuredLatenciesSchema,
    );
    const strain = await this.#provider?.ask('strain', null, providerStrainSchema);
    return {
      ...answered,
      latency,
      firstTokens,
      tokensDelivered: latency.count,
      ...(strain === undefined ? {} : { provider: strain }),
    };
  }

  /** How long before their first token the first answers are asked for. */
  #leadMs({ arrivals }: AnswerPlan): number {
    return (arrivals === undefined ? leadMs : 2 * leadMs) + leadMsPerAnswer * this.#sessions.length;
  }

  /** Keeps the provider busy for `ms`; resolves afterwards. */
  async burnProvider(ms: number): Promise<void> {
    await this.#provider?.ask('burn', ms, z.null());
  }

  /** Keeps the client busy for `ms`; resolves afterwards. */
  async burnClient(ms: number): Promise<void> {
    await this.#client.ask('burn', ms, z.null());
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
    await this.#provider?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
