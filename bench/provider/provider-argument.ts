/** What a provider process is told, and what it tells of itself. */
import { z } from 'zod';
import { providerFormats } from './chunk-shapes.ts';

export const providerArgumentSchema = z.object({
  format: z.enum(providerFormats),
  /** Events in each write, when an answer has no pace; a paced answer has one. */
  eventsPerWrite: z.number().int().min(1),
});
export type ProviderArgument = z.infer<typeof providerArgumentSchema>;

/** Where a server finds its provider. */
export const providerPlaceSchema = z.object({ url: z.string(), format: z.enum(providerFormats) });
export type ProviderPlace = z.infer<typeof providerPlaceSchema>;

/** How hard a round was for the provider. */
export const providerStrainSchema = z.object({
  cpuMs: z.number(),
  /** Share of the time from its first event to its last in which its event loop was not idle. */
  busyShare: z.number(),
  /** 99th percentile of how late it wrote an event of a paced answer that had been asked for in time. */
  lateMs: z.number(),
});
export type ProviderStrain = z.infer<typeof providerStrainSchema>;
