/**
 * A provider of models on loopback: answers any POST with the stream of the run's answer, in the format of a real one,
 * one event a token. The server under test has it as its provider, and knows no difference. It is its own process, so
 * that nothing of it counts as the server's.
 *
 * A paced token counts as emitted when it was due, as in `bench/engine/bench-engine.ts`.
 */

import type { HttpResponse } from 'uWebSockets.js';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { loadUws } from '../../src/gateway/uws/uws-loader.ts';
import { writeEmissions } from '../engine/emissions-file.ts';
import { emissionKey, type Prompt, promptOf, promptSchema } from '../engine/prompt.ts';
import { TokenTimer } from '../engine/token-timer.ts';
import { burn } from '../process/burn.ts';
import { serveParent } from '../process/child.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { answerTokens } from '../text/answer-text.ts';
import { type ChunkShape, chunkShapes } from './chunk-shapes.ts';
import { type ProviderStrain, providerArgumentSchema } from './provider-argument.ts';

const { format, eventsPerWrite } = providerArgumentSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
const uws = loadUws();
const timer = new TokenTimer();

type Answer = { readonly shape: ChunkShape; readonly tokens: readonly string[]; readonly events: string[] };

const prepared = new Map<string, Answer>();
let emissions = new Map<string, Float64Array>();

/** What this round has cost so far. */
const began = () => ({ loop: performance.eventLoopUtilization(), cpu: process.cpuUsage() });
let round: { start: ReturnType<typeof began>; strain: ProviderStrain } | undefined;
/** How late each event of a paced answer was, ms. */
let lateness: number[] = [];

function answerOf(prompt: Prompt): Answer {
  const shapes = chunkShapes[format];
  const shape = shapes[(prompt.session + prompt.answer) % shapes.length];
  if (shape === undefined) throw new Error(`no shape of ${format}`);
  const tokens = answerTokens(prompt);
  return { shape, tokens, events: tokens.map(shape.token) };
}

function stream(response: HttpResponse, prompt: Prompt): void {
  const key = JSON.stringify(prompt);
  const { shape, tokens, events } = prepared.get(key) ?? answerOf(prompt);
  prepared.delete(key);
  const emitted = new Float64Array(tokens.length);
  emissions.set(emissionKey(prompt), emitted);
  const askedMs = monotonicMs();
  const startMs = prompt.startAtMs === 0 ? askedMs : prompt.startAtMs;
  let isGone = false;
  response.onAborted(() => {
    isGone = true;
  });
  /** Each event is a chunk of HTTP; together they are one write. */
  const write = (texts: readonly string[]): boolean => {
    let isTaken = true;
    response.cork(() => {
      for (const text of texts) isTaken = response.write(text);
    });
    return isTaken;
  };
  response.cork(() => {
    response.writeHeader('content-type', 'text/event-stream; charset=utf-8');
    response.write(shape.begin);
  });
  const finish = () => {
    response.cork(() => response.end(shape.end(tokens.length)));
    noteStrain();
  };
  const burst = (from: number): void => {
    if (isGone) return;
    const to = Math.min(events.length, from + eventsPerWrite);
    emitted.fill(monotonicMs(), from, to);
    const isTaken = write(events.slice(from, to));
    const next = to < events.length ? () => burst(to) : finish;
    if (isTaken) setImmediate(next);
    else {
      response.onWritable(() => {
        setImmediate(next);
        return true;
      });
    }
  };
  const paced = (from: number): void => {
    for (let index = from; index < events.length && !isGone; index++) {
      const dueMs = startMs + index * prompt.intervalMs;
      if (dueMs > monotonicMs()) {
        timer.at(dueMs, () => paced(index));
        return;
      }
      emitted[index] = dueMs;
      lateness.push(monotonicMs() - Math.max(dueMs, askedMs));
      write(events.slice(index, index + 1));
    }
    if (!isGone) finish();
  };
  round ??= { start: began(), strain: { cpuMs: 0, busyShare: 0, lateMs: 0 } };
  if (prompt.intervalMs > 0) paced(0);
  else burst(0);
}

function latenessP99(): number {
  const sorted = Float64Array.from(lateness).sort();
  return Math.max(0, sorted[Math.floor(sorted.length * 0.99)] ?? 0);
}

function noteStrain(): void {
  if (round === undefined) return;
  const { user, system } = process.cpuUsage(round.start.cpu);
  const { utilization } = performance.eventLoopUtilization(round.start.loop);
  const strain = { cpuMs: (user + system) / 1000, busyShare: utilization, lateMs: 0 };
  round = { ...round, strain };
}

const contentSchema = z.union([
  z.string(),
  z.array(z.object({ text: z.string() })).transform(([one]) => one?.text ?? ''),
]);
const questionSchema = z.object({
  messages: z.array(z.object({ role: z.string(), content: contentSchema })),
});

/** The prompt is the last message of the user. */
function promptIn(body: string): Prompt {
  const { messages } = questionSchema.parse(JSON.parse(body));
  return promptOf(messages.findLast(({ role }) => role === 'user')?.content ?? '');
}

const app = uws.App().post('/*', (response) => {
  const chunks: Uint8Array[] = [];
  response.onAborted(() => {});
  response.onData((chunk, isLast) => {
    // The chunk must be copied: its memory is freed when this returns.
    chunks.push(new Uint8Array(chunk).slice());
    if (isLast) stream(response, promptIn(Buffer.concat(chunks).toString()));
  });
});
const listening = new Promise<{ readonly port: number }>((resolve, reject) => {
  app.listen('127.0.0.1', 0, (socket) => {
    if (socket === false) reject(new Error('cannot listen'));
    else resolve({ port: uws.us_socket_local_port(socket) });
  });
});

await serveParent(listening, {
  prepare: (data) => {
    round = undefined;
    lateness = [];
    for (const prompt of z.array(promptSchema).parse(data))
      prepared.set(JSON.stringify(prompt), answerOf(prompt));
  },
  emissions: (file) => {
    writeEmissions(z.string().parse(file), emissions);
    emissions = new Map();
  },
  burn: (data) => burn(z.number().parse(data)),
  strain: () => ({ cpuMs: 0, busyShare: 0, ...round?.strain, lateMs: latenessP99() }),
});
