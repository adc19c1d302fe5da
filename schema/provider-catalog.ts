/** The models that clients can choose from: body of `GET /providers/catalog` (protocol A5). */
import { z } from 'zod';

const catalogModelSchema = z
  .object({
    /** As `model` of the options: `<provider>/<model>`. */
    id: z.string(),
    label: z.string(),
    isDefault: z.literal(true).exactOptional(),
  })
  .meta({ id: 'CatalogModel' });

const catalogProviderSchema = z
  .object({
    name: z.string(),
    label: z.string(),
    /** False when its key is missing: `problem` says what to do. */
    available: z.boolean(),
    problem: z.string().exactOptional(),
    models: z.array(catalogModelSchema),
  })
  .meta({ id: 'CatalogProvider' });

export const providerCatalogSchema = z.array(catalogProviderSchema);
export type ProviderCatalogBody = z.output<typeof providerCatalogSchema>;
