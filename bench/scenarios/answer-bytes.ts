/**
 * What one subscriber of one 1,000-token answer gets: bytes, frames per token, and latency, at three rates. Callboard
 * v1 takes part twice: with its default settings, and flushed at the end of each tick.
 */

import { systemNames, systems } from '../systems/systems.ts';
import { runAnswers } from './fan-out.ts';
import { type Contestant, type Scenario, type Size, sizesOf } from './scenario.ts';

type Pace = { readonly tokens: number; readonly rate: number };

const sizes: readonly Size<Pace>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { tokens: 40, rate: 200 } },
  { name: 'fastest', preset: true, repeatsMax: 2, parameters: { tokens: 1000, rate: 0 } },
  {
    name: '100-per-s-short',
    preset: false,
    quick: ['callboard-v1', 'callboard-v1-compact'],
    parameters: { tokens: 150, rate: 100 },
  },
  { name: '500-per-s', preset: true, repeatsMax: 1, parameters: { tokens: 1000, rate: 500 } },
  { name: '100-per-s', preset: true, repeatsMax: 1, parameters: { tokens: 1000, rate: 100 } },
];

export const answerBytes: Scenario = {
  name: 'answer-bytes',
  title: 'One answer to one subscriber',
  metrics: [
    { key: 'bytesPerSubscriber', title: 'bytes', unit: 'B', better: 'less', counted: true },
    { key: 'framesPerToken', title: 'frames per token', unit: '', better: 'less', counted: true },
    { key: 'p50Ms', title: 'latency p50', unit: 'ms', better: 'less' },
    { key: 'p99Ms', title: 'latency p99', unit: 'ms', better: 'less' },
    { key: 'wallMs', title: 'whole answer', unit: 'ms', better: 'less' },
    { key: 'cpuSeconds', title: 'server CPU per answer', unit: 's', better: 'less', ofProcessor: true },
  ],
  sizes: sizesOf(sizes, ({ tokens, rate }): readonly Contestant[] => {
    const parameters = { subscribers: 1, tokens, rate };
    return [
      ...systemNames.map((name) => ({
        name,
        title: systems[name].title,
        run: (context: Parameters<Contestant['run']>[0]) => runAnswers(context, name, parameters),
      })),
      {
        name: 'callboard-v1-no-flush',
        title: 'Callboard v1, `streamFlushMs` 0',
        run: (context) => runAnswers(context, 'callboard-v1', parameters, { streamFlushMs: 0 }),
      },
    ];
  }),
};
