/** Every invariant, in the order of docs/invariants.md. */
import type { Invariant } from '../invariant.ts';
import { activity } from './activity.ts';
import { bounds } from './bounds.ts';
import { calm } from './calm.ts';
import { commands } from './commands.ts';
import { commitBeforePublish } from './commit-before-publish.ts';
import { noSilentGap } from './no-silent-gap.ts';
import { order } from './order.ts';
import { previews } from './previews.ts';
import { recovery } from './recovery.ts';
import { registeredTools } from './registered-tools.ts';
import { sessions } from './sessions.ts';
import { text } from './text.ts';
import { toldTruly } from './told-truly.ts';
import { toolCalls } from './tool-calls.ts';
import { traces } from './traces.ts';
import { tree } from './tree.ts';
import { visibility } from './visibility.ts';

export const invariants: readonly Invariant[] = [
  order,
  commitBeforePublish,
  noSilentGap,
  text,
  toolCalls,
  traces,
  sessions,
  activity,
  previews,
  commands,
  recovery,
  bounds,
  visibility,
  toldTruly,
  tree,
  registeredTools,
  calm,
];
