/** All scenarios, in the order in which they run. */
import { abusers } from './abusers.ts';
import { answerBytes } from './answer-bytes.ts';
import { compression } from './compression.ts';
import { connectStorm } from './connect-storm.ts';
import { density } from './density.ts';
import { durable } from './durable.ts';
import { fanOut } from './fan-out.ts';
import { manySessions } from './many-sessions.ts';
import { messageTree } from './message-tree.ts';
import { provider } from './provider.ts';
import { pushed } from './pushed.ts';
import { resumeStorm } from './resume-storm.ts';
import type { Scenario } from './scenario.ts';
import { slowReader } from './slow-reader.ts';
import { soak } from './soak.ts';
import { steady } from './steady.ts';
import { stored } from './stored.ts';
import { sustainedRate } from './sustained-rate.ts';
import { thunder } from './thunder.ts';
import { unheard } from './unheard.ts';

export const scenarios: readonly Scenario[] = [
  fanOut,
  answerBytes,
  compression,
  manySessions,
  steady,
  thunder,
  sustainedRate,
  slowReader,
  connectStorm,
  resumeStorm,
  abusers,
  durable,
  density,
  provider,
  unheard,
  pushed,
  stored,
  messageTree,
  soak,
];
