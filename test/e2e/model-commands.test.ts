/**
 * Model-based commands. Goal: the real server, over real sockets and across orderly and abrupt restarts, does what a
 * small model of it does. Method: fast-check draws commands; after each of them REST, what every reader has put
 * together and the model agree.
 */
import { expect, it } from 'vitest';
import { passes } from '../property/named-property.ts';
import { serverAgrees } from '../property/server-agrees.ts';

it('[I1] [I2] [I3] [I4] [I5] [I7] [I8] [I10] [I11] the server agrees with the model after every command', async () => {
  const { counts } = await passes(serverAgrees);
  expect(counts['steps']).toBeGreaterThan(50);
  for (const kind of ['create', 'send', 'cancel', 'subscribe']) expect(counts[kind]).toBeGreaterThan(0);
}, 180_000);
