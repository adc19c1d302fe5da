/** The table of odd tool servers. */
import { listRows } from './lists.ts';
import { messageRows } from './messages.ts';
import { numberRows } from './numbers.ts';
import type { OddRow } from './odd-row.ts';
import { resultRows } from './results.ts';
import { schemaRows } from './schemas.ts';
import { startRows } from './starts.ts';
import { wireRows } from './wires.ts';

export const oddRows: readonly OddRow[] = [
  ...listRows,
  ...messageRows,
  ...numberRows,
  ...resultRows,
  ...schemaRows,
  ...startRows,
  ...wireRows,
];
