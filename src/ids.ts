/** Random UUIDs (version 4), as the actors' {@link Ids} port. */
import { randomUUID } from 'node:crypto';
import type { Ids } from '../actors/ports.ts';

export const systemIds: Ids = {
  // Node joins a UUID from 20 pieces and leaves them joined, 490 bytes, until somebody reads it; through a buffer it
  // becomes one piece of 48, for 0.7 µs (docs/hot-path.md).
  next: <Id extends string>(): Id => Buffer.from(randomUUID(), 'latin1').toString('latin1') as string as Id,
};
