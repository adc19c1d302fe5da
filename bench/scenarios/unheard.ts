/**
 * An answer without subscribers: what its tokens cost. Encodings are counted as calls of `JSON.stringify` in the
 * server, over two answers of different length, so that the constant cost of an answer (its durable events) cancels
 * out.
 */
import { z } from 'zod';
import { Rig } from './rig.ts';
import { type Figures, type RunContext, type Scenario, type Size, sizesOf } from './scenario.ts';

type Unheard = { readonly short: number; readonly long: number };

const sizes: readonly Size<Unheard>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { short: 20, long: 200 } },
  { name: 'short-answer', preset: false, quick: ['callboard-v1'], parameters: { short: 1000, long: 11_000 } },
  { name: 'one-answer', preset: true, repeatsMax: 1, parameters: { short: 1000, long: 21_000 } },
];
const pollMs = 50;
const pollsMax = 200;

export const unheard: Scenario = {
  name: 'unheard',
  title: 'An answer that nobody hears',
  metrics: [
    { key: 'encodingsPerToken', title: 'encodings per token', unit: '', better: 'less', counted: true },
    {
      key: 'cpuMicrosecondsPerToken',
      title: 'server CPU per token',
      unit: 'µs',
      better: 'less',
      ofProcessor: true,
    },
  ],
  sizes: sizesOf(sizes, (unheardOf) => [
    { name: 'callboard-v1', title: 'Callboard', run: (context) => run(context, unheardOf) },
  ]),
};

async function run(context: RunContext, { short, long }: Unheard): Promise<Figures> {
  const rig = await Rig.start('callboard-v1');
  try {
    await rig.createSessions(1);
    await rig.server.ask('countEncodings', null, z.null());
    const warm = await cost(rig, context, 0, short);
    const one = await cost(rig, context, 1, short);
    const other = await cost(rig, context, 2, long);
    const tokens = long - short;
    const cpuMs = other.cpuMs - one.cpuMs;
    return {
      values: {
        encodingsPerToken: (other.encodings - one.encodings) / tokens,
        cpuMicrosecondsPerToken: Number.isNaN(cpuMs) ? null : (cpuMs / tokens) * 1000,
      },
      faults: [],
      invalid: warm.encodings === 0 ? ['nothing was counted'] : [],
    };
  } finally {
    await rig.stop();
  }
}

async function cost(rig: Rig, context: RunContext, answer: number, tokens: number) {
  const cpuBefore = rig.cpuMs();
  const encodingsBefore = await rig.server.ask('encodings', null, z.number());
  await rig.answer({ seed: context.seed, answer, tokens, rate: 0, waitMsMax: 10_000 });
  await untilAnswered(rig, answer + 1);
  const encodings = (await rig.server.ask('encodings', null, z.number())) - encodingsBefore;
  return { encodings, cpuMs: rig.cpuMs() - cpuBefore };
}

/** Without subscribers, the test asks the server whether the trace of each answer has ended. */
async function untilAnswered(rig: Rig, answers: number): Promise<void> {
  for (let poll = 0; poll < pollsMax; poll++) {
    const response = await fetch(`http://127.0.0.1:${rig.port}/traces`);
    const traces = z.array(z.object({ status: z.string() })).parse(await response.json());
    if (traces.filter(({ status }) => status === 'completed').length === answers) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw new Error('the answer did not end');
}
