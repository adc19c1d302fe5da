/** The models that clients can choose from: body of `GET /providers/catalog` (docs/protocol.md A5). */
import { z } from 'zod';

export const catalogProviderSchema = z
  .object({
    /** First part of a model's name in `options`. */
    name: z.string(),
    label: z.string(),
    /** Second parts. Others of the provider can be asked for, too. */
    models: z.array(z.string()),
    /** How to call them, where the config says so. */
    modelLabels: z.record(z.string(), z.string()).exactOptional(),
    /** False when its key is missing: `problem` says what to do. */
    available: z.boolean(),
    problem: z.string().exactOptional(),
  })
  .meta({ id: 'CatalogProvider' });

export const providerCatalogSchema = z.array(catalogProviderSchema);
export type ProviderCatalogBody = z.output<typeof providerCatalogSchema>;
