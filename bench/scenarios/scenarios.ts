/** All scenarios, in the order in which they run. */
import { fanOut } from './fan-out.ts';
import { manySessions } from './many-sessions.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [fanOut, manySessions];
