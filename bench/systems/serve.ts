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
import { collectGarbage } from '../process/heap.ts';

/** The argument of each server process. */
export const serverArgumentSchema = z.object({
  /** A temporary folder. */
  folder: z.string(),
  databaseUrl: z.string().optional(),
  /** Callboard's setting: how long pieces may wait, ms. */
  streamFlushMs: z.number().optional(),
  compression: z.enum(['off', 'on']).optional(),
  sqliteSynchronous: z.enum(['normal', 'full']).optional(),
  /** Callboard's: who may use the server, and how much each principal may ask for. */
  apiKeys: z.array(z.object({ key: z.string(), name: z.string(), scopes: z.array(scopeSchema) })).optional(),
  principalRequestsPerMinuteMax: z.number().optional(),
  principalCommandsPerMinuteMax: z.number().optional(),
  principalSocketsMax: z.number().optional(),
  /** Callboard's: whose tokens it streams; default: those of the bench engine. */
  engine: z.enum(['bench', 'rehearsal']).optional(),
});
export type ServerArgument = z.infer<typeof serverArgumentSchema>;

export const listeningSchema = z.object({ port: z.number().int() });

export function serverArgument(): ServerArgument {
  return serverArgumentSchema.parse(JSON.parse(process.argv[2] ?? 'null'));
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
    // Collects garbage before the clock runs, so that no system pays for its set-up.
    emissions: (file) => writeEmissions(z.string().parse(file), engine.takeEmissions()),
    collect: collectGarbage,
    ...more,
  });
}
