/** The results of a run as `--json` writes them. */
import { z } from 'zod';

const seriesSchema = z.strictObject({ title: z.string(), values: z.array(z.number().nullable()) });
const spreadSchema = z.object({ median: z.number(), min: z.number(), max: z.number() });

export const resultsSchema = z.strictObject({
  format: z.literal('callboard-bench-1'),
  at: z.iso.datetime(),
  machine: z.strictObject({
    processors: z.number().int(),
    model: z.string(),
    memoryGigabytes: z.number(),
    system: z.string(),
    node: z.string(),
    /** Why processes were not pinned. */
    notPinned: z.string().optional(),
    /** The machine's load average of the last minute when the run began: above 1, other work affected the figures. */
    load: z.number(),
  }),
  seed: z.number().int(),
  tables: z.array(
    z.strictObject({
      scenario: z.string(),
      title: z.string(),
      size: z.string(),
      metrics: z.array(
        z.strictObject({
          key: z.string(),
          title: z.string(),
          unit: z.string(),
          better: z.enum(['more', 'less']),
          ofProcessor: z.boolean().optional(),
          counted: z.boolean().optional(),
          ofBench: z.boolean().optional(),
        }),
      ),
      sameText: z.boolean().optional(),
      rows: z.array(
        z.strictObject({
          contestant: z.string(),
          title: z.string(),
          spreads: z.record(z.string(), spreadSchema),
          ofCeiling: z.number().optional(),
          ofBaseline: z.number().optional(),
          textHashes: z.array(z.string()),
          invalid: z.array(z.string()),
          faults: z.array(z.string()),
          starved: z.array(z.string()).optional(),
          /** Of the last repetition. */
          series: z.array(seriesSchema).optional(),
        }),
      ),
    }),
  ),
  targets: z.array(
    z.strictObject({
      name: z.string(),
      target: z.string(),
      measured: z.number().nullable(),
      unit: z.string(),
      /** Null: the run has no valid figure for this target. */
      met: z.boolean().nullable(),
      note: z.string().optional(),
    }),
  ),
  runs: z.array(
    z.strictObject({
      scenario: z.string(),
      size: z.string(),
      contestant: z.string(),
      repeat: z.number().int(),
      values: z.record(z.string(), z.number().nullable()),
      textHash: z.string().optional(),
      invalid: z.array(z.string()),
      faults: z.array(z.string()),
      starved: z.array(z.string()).optional(),
      series: z.array(seriesSchema).optional(),
    }),
  ),
});
export type Results = z.infer<typeof resultsSchema>;
export type ResultsTable = Results['tables'][number];
export type ResultsRow = ResultsTable['rows'][number];
export type Spread = z.infer<typeof spreadSchema>;
