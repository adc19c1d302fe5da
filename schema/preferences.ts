/** A user's preferences on the server: the layout of the web page (docs/protocol.md A5). */
import { z } from 'zod';

/** Any JSON object; only the page interprets it. */
export const layoutSchema = z.record(z.string(), z.json()).meta({ id: 'Layout' });
export type Layout = z.output<typeof layoutSchema>;

/** Data of `preferences.updated`. `owner` is a name derived from an API key that does not reveal it. */
export const preferencesUpdatedSchema = z.object({ owner: z.string(), layout: layoutSchema });

/**
 * Merges `patch` into `layout`: objects key by key at any depth, any other value as a whole; `null` removes a key.
 * `__proto__` and similar keys are ignored.
 */
export function mergedLayout(layout: Layout, patch: Layout): Layout {
  const merged: Layout = { ...layout };
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue;
    const before = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isLayout(value) ? mergedLayout(isLayout(before) ? before : {}, value) : value;
  }
  return merged;
}

function isLayout(value: unknown): value is Layout {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
