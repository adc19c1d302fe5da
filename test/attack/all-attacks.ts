/** Every attack on sessions of others, in the order in which they are tried. */
import type { Attack } from './attack.ts';
import { authorAttacks } from './author-attacks.ts';
import { fileAttacks } from './file-attacks.ts';
import { frameAttacks } from './frame-attacks.ts';
import { liveAttacks } from './live-attacks.ts';
import { memberAttacks } from './member-attacks.ts';
import { routeAttacks } from './route-attacks.ts';
import { scopeAttacks } from './scope-attacks.ts';
import { traceAttacks } from './trace-attacks.ts';

export const attacks: readonly Attack[] = [
  ...routeAttacks,
  ...frameAttacks,
  ...liveAttacks,
  ...memberAttacks,
  ...authorAttacks,
  ...fileAttacks,
  ...scopeAttacks,
  ...traceAttacks,
];
