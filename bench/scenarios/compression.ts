/**
 * Compression: what permessage-deflate saves on the wire and costs the server, for clients that offer it as browsers do.
 * Each recipient's frames are compressed by themselves, so it costs as often as there are subscribers.
 */
import { type SystemName, systems } from '../systems/systems.ts';
import { runAnswers } from './fan-out.ts';
import { type Scenario, type Size, sizesOf } from './scenario.ts';

type Answer = {
  readonly subscribers: number;
  readonly tokens: number;
  /** Tokens per second; 0: as fast as possible. */
  readonly rate: number;
};

const sizes: readonly Size<Answer>[] = [
  { name: 'smoke', preset: false, smoke: true, parameters: { subscribers: 2, tokens: 40, rate: 200 } },
  { name: '50', preset: true, repeatsMax: 2, parameters: { subscribers: 50, tokens: 300, rate: 100 } },
  { name: '50-fastest', preset: false, parameters: { subscribers: 50, tokens: 1000, rate: 0 } },
];

const compared: readonly SystemName[] = ['callboard-v1', 'callboard-v1-compact', 'baseline-shape'];

export const compression: Scenario = {
  name: 'compression',
  title: 'Compression of frames: an answer with and without',
  metrics: [
    { key: 'bytesPerSubscriber', title: 'bytes each', unit: 'B', better: 'less', counted: true },
    { key: 'cpuSeconds', title: 'server CPU per answer', unit: 's', better: 'less', ofProcessor: true },
    { key: 'framesPerToken', title: 'frames per token', unit: '', better: 'less', counted: true },
    { key: 'p50Ms', title: 'latency p50', unit: 'ms', better: 'less' },
    { key: 'p99Ms', title: 'latency p99', unit: 'ms', better: 'less' },
    { key: 'peakMegabytes', title: 'server peak memory', unit: 'MB', better: 'less', counted: true },
    { key: 'clientCpuShare', title: 'client CPU', unit: '%', better: 'less', ofBench: true },
  ],
  sizes: sizesOf(sizes, (answer) =>
    compared.flatMap((name) => [
      {
        name,
        title: systems[name].title,
        run: (context) => runAnswers(context, name, answer),
      },
      {
        name: `${name}-deflate`,
        title: `${systems[name].title}, compressed`,
        run: (context) => runAnswers(context, name, answer, { compression: 'on' }),
      },
    ]),
  ),
};
