/**
 * What every server process does for its parent: starts, builds texts beforehand, and reports when tokens were
 * emitted.
 */
import { z } from 'zod';
import { scopeSchema } from '../../schema/principal.ts';
import type { BenchEngine } from '../engine/bench-engine.ts';
import { writeEmissions } from '../engine/emissions-file.ts';
import { promptSchema } from '../engine/prompt.ts';
import { serveParent } from '../process/child.ts';
import { usedHeap } from '../process/heap.ts';
import { type ProviderPlace, providerPlaceSchema } from '../provider/provider-argument.ts';

/** The argument of each server process. */
export const serverArgumentSchema = z.object({
  /** A temporary folder. */
  folder: z.string(),
  databaseUrl: z.string().optional(),
  /** Callboard's setting: how long pieces may wait, ms. */
  streamFlushMs: z.number().optional(),
  /** Callboard's, and of the baseline's shape: whether frames are compressed for clients that offer it. */
  compression: z.enum(['off', 'on']).optional(),
  sqliteSynchronous: z.enum(['normal', 'full']).optional(),
  /** Callboard's: who may use the server, and how much each principal may ask for. */
  apiKeys: z.array(z.object({ key: z.string(), name: z.string(), scopes: z.array(scopeSchema) })).optional(),
  principalRequestsPerMinuteMax: z.number().optional(),
  principalCommandsPerMinuteMax: z.number().optional(),
  principalSocketsMax: z.number().optional(),
  /** Callboard's: whose tokens it streams; default: those of the bench engine. */
  engine: z.enum(['bench', 'rehearsal']).optional(),
  /** Whose tokens the server streams, over HTTP, instead of an engine's of its own. */
  provider: providerPlaceSchema.optional(),
});
export type ServerArgument = z.infer<typeof serverArgumentSchema>;

export const listeningSchema = z.object({ port: z.number().int() });

export function serverArgument(): ServerArgument {
  return serverArgumentSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
}

/** Rejects an argument without a provider: the program needs one. */
export function providerPlace(): ProviderPlace {
  const { provider } = serverArgument();
  if (provider === undefined) throw new Error('this system takes its tokens from a provider');
  return provider;
}

/** A server whose tokens come from a provider process, which knows when they were emitted. */
export async function serveProvided(listening: Promise<z.infer<typeof listeningSchema>>): Promise<void> {
  await serveParent(listening, { collect: usedHeap });
}

export async function serveSystem(
  engine: Pick<BenchEngine, 'prepare' | 'takeEmissions'>,
  listening: Promise<z.infer<typeof listeningSchema>>,
  more: Readonly<Record<string, (data: unknown) => unknown>> = {},
): Promise<void> {
  await serveParent(listening, {
    prepare: (data) => {
      for (const prompt of z.array(promptSchema).parse(data)) engine.prepare(prompt);
    },
    emissions: (file) => writeEmissions(z.string().parse(file), engine.takeEmissions()),
    /** The heap in use after a garbage collection. */
    collect: usedHeap,
    ...more,
  });
}
