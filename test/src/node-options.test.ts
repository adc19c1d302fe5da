/** Node is started with the same options whichever way a person starts the server. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { nodeOptions } from '../../src/node-options.ts';

const root = new URL('../../', import.meta.url);
const packageSchema = z.object({
  bin: z.object({ callboard: z.string() }),
  scripts: z.object({ start: z.string() }),
});

it('is started with its options by `npm start` and by the command', async () => {
  const { bin, scripts } = packageSchema.parse(
    JSON.parse(await readFile(new URL('package.json', root), 'utf8')),
  );
  expect(scripts.start).toBe(['node', ...nodeOptions, 'src/main.ts'].join(' '));
  const [firstLine] = (await readFile(new URL(bin.callboard, root), 'utf8')).split('\n');
  expect(firstLine).toBe(['#!/usr/bin/env -S node', ...nodeOptions].join(' '));
});
