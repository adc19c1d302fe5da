/** The models that clients can choose from: body of `GET /providers/catalog` (docs/protocol.md A5). */
import { z } from 'zod';
import { type AcceptedKind, acceptedKinds } from './attachment.ts';

export const providerAdapters = ['lean', 'sdk'] as const;
export type ProviderAdapter = (typeof providerAdapters)[number];

export const catalogProviderSchema = z
  .object({
    /** The first part of a model's name in `options`. */
    name: z.string(),
    label: z.string(),
    /** Who reads its streams: we ourselves, or the AI SDK; absent for what is built in. */
    adapter: z.enum(providerAdapters).exactOptional(),
    /** The second parts. Other models of the provider can be used too, if the principal may choose them. */
    models: z.array(z.string()),
    /** Names to show, where the config sets them. */
    modelLabels: z.record(z.string(), z.string()).exactOptional(),
    /** The files that its models take, beside texts, which all take. */
    accepts: z.array(z.enum(acceptedKinds)),
    /** The same for models that differ. */
    modelAccepts: z.record(z.string(), z.array(z.enum(acceptedKinds))).exactOptional(),
    /** False when its key is missing; `problem` then says what to do. */
    available: z.boolean(),
    problem: z.string().exactOptional(),
  })
  .meta({ id: 'CatalogProvider' });

export const providerCatalogSchema = z.array(catalogProviderSchema);
export type ProviderCatalogBody = z.output<typeof providerCatalogSchema>;

/** A model that clients can choose. */
export type CatalogModel = {
  readonly id: string;
  readonly label?: string | undefined;
  /** Absent: as its provider. */
  readonly accepts?: readonly AcceptedKind[] | undefined;
};

/** A configured provider. */
export type CatalogProvider = {
  /** The first part of `model` in {@link ModelOptions}. */
  readonly name: string;
  readonly label?: string | undefined;
  readonly adapter?: ProviderAdapter | undefined;
  readonly models: readonly CatalogModel[];
  readonly accepts: readonly AcceptedKind[];
  /** False when its key is missing; `problem` says which variable to set. */
  readonly available: boolean;
  readonly problem?: string | undefined;
};
