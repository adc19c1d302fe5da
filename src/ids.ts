/** Random UUIDs (version 4), as the actors' {@link Ids} port. */
import { randomUUID } from 'node:crypto';
import type { Ids } from '../actors/ports.ts';

export const systemIds: Ids = {
  next: <Id extends string>(): Id => randomUUID() as string as Id,
};
