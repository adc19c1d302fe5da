/**
 * An answer that an agent pushes from outside as lines of one request: what its tokens cost the server, beside those of
 * the rehearsal engine and the bare parsing of the same lines. Nobody listens. Two answers of different length are
 * measured, so that the constant cost of an answer cancels out.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { callRest } from '../client/rest.ts';
import { Rig } from './rig.ts';
import { type Contestant, type Figures, type Scenario, type Size, sizesOf } from './scenario.ts';

type Pushed = {
  readonly short: number;
  readonly long: number;
  /** How many lines the agent writes at once. */
  readonly linesPerWrite: number;
};

/** As many as the rehearsal engine says before the event loop gets a turn. */
const asRehearsed = 64;
const sizes: readonly Size<Pushed>[] = [
  {
    name: 'smoke',
    preset: false,
    smoke: true,
    parameters: { short: 100, long: 1000, linesPerWrite: asRehearsed },
  },
  { name: 'one-answer', preset: true, parameters: { short: 2000, long: 62_000, linesPerWrite: asRehearsed } },
  { name: 'line-a-write', preset: true, parameters: { short: 2000, long: 62_000, linesPerWrite: 1 } },
];
const pollMs = 20;

export const pushed: Scenario = {
  name: 'pushed',
  title: 'An answer that an agent pushes over one stream',
  metrics: [
    { key: 'cpuMicrosecondsPerToken', title: 'CPU per token', unit: 'µs', better: 'less', ofProcessor: true },
  ],
  sizes: sizesOf(sizes, (size): readonly Contestant[] => [
    { name: 'pushed', title: 'pushed', run: () => run(size, pushedCost) },
    { name: 'rehearsed', title: 'rehearsal engine', run: () => run(size, rehearsedCost) },
    { name: 'parsed', title: 'the lines parsed', run: () => run(size, parsing({ checked: false })) },
    { name: 'checked', title: 'parsed and checked', run: () => run(size, parsing({ checked: true })) },
  ]),
};

/** Milliseconds of processor time of one answer. */
type Cost = (rig: Rig, tokens: number, size: Pushed) => Promise<number>;

async function run(size: Pushed, cost: Cost): Promise<Figures> {
  const { short, long } = size;
  const rig = await Rig.start('callboard-v1', { engine: 'rehearsal' });
  try {
    // The JIT compilers optimise the code before anything is measured.
    await cost(rig, long, size);
    const one = await cost(rig, short, size);
    const other = await cost(rig, long, size);
    const cpuMs = other - one;
    const cpuMicrosecondsPerToken = Number.isNaN(cpuMs) ? null : (cpuMs / (long - short)) * 1000;
    return { values: { cpuMicrosecondsPerToken }, faults: [], invalid: [] };
  } finally {
    await rig.stop();
  }
}

async function pushedCost(rig: Rig, tokens: number, { linesPerWrite }: Pushed): Promise<number> {
  const sessionId = await newSession(rig);
  const before = rig.cpuMs();
  await rig.client.ask('push', { port: rig.port, sessionId, tokens, linesPerWrite }, z.null());
  const used = rig.cpuMs() - before;
  await expectAnswer(rig, sessionId);
  return used;
}

async function rehearsedCost(rig: Rig, tokens: number): Promise<number> {
  const sessionId = await newSession(rig);
  const before = rig.cpuMs();
  const content = `[[tokens=${tokens} delay=0]] pushed`;
  await callRest(rig.port, `/chat-sessions/${sessionId}/messages`, { content });
  while (await isAnswering(rig)) await pause(pollMs);
  const used = rig.cpuMs() - before;
  await expectAnswer(rig, sessionId);
  return used;
}

function parsing({ checked }: { readonly checked: boolean }): Cost {
  return (rig, tokens, { linesPerWrite }) =>
    rig.client.ask('parse', { tokens, linesPerWrite, checked }, z.number());
}

async function newSession(rig: Rig): Promise<string> {
  await rig.createSessions(1);
  return rig.sessions[0] ?? '';
}

/** A turn that waits comes to run: the other way round, it could be missed. */
async function isAnswering(rig: Rig): Promise<boolean> {
  for (const status of ['queued', 'running']) {
    const turns = z.array(z.unknown()).parse(await read(rig, `/turns?status=${status}&limit=1`));
    if (turns.length > 0) return true;
  }
  return false;
}

const messagesSchema = z.array(z.object({ role: z.string(), status: z.string().optional() }));

/** Rejects when the newest message of the session is no whole answer. */
async function expectAnswer(rig: Rig, sessionId: string): Promise<void> {
  const messages = messagesSchema.parse(await read(rig, `/chat-sessions/${sessionId}/messages?limit=1`));
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || last.status !== 'complete') {
    throw new Error(`the answer did not end: ${JSON.stringify(messages)}`);
  }
}

async function read(rig: Rig, path: string): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${rig.port}${path}`)).json();
}
