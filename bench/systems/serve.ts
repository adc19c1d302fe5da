/** What every server process does for its parent: start, build texts beforehand, hand over when tokens were emitted. */
import { z } from 'zod';
import type { BenchEngine } from '../engine/bench-engine.ts';
import { writeEmissions } from '../engine/emissions-file.ts';
import { promptSchema } from '../engine/prompt.ts';
import { serveParent } from '../process/child.ts';
import { collectGarbage } from '../process/heap.ts';

/** The argument of each server process. */
export const serverArgumentSchema = z.object({
  /** Folder that is thrown away. */
  folder: z.string(),
  databaseUrl: z.string().optional(),
  /** Setting of Callboard: milliseconds that pieces may wait. */
  streamFlushMs: z.number().optional(),
  compression: z.enum(['off', 'on']).optional(),
  sqliteSynchronous: z.enum(['normal', 'full']).optional(),
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
    // Before the clock runs, so that no system pays for the garbage of its set-up.
    emissions: (file) => writeEmissions(z.string().parse(file), engine.takeEmissions()),
    collect: collectGarbage,
    ...more,
  });
}
