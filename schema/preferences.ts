/** What a user keeps on the server: the layout of the web page (docs/protocol.md A5). */
import { z } from 'zod';

/** Any JSON object; what it means is the page's business. */
export const layoutSchema = z.record(z.string(), z.json()).meta({ id: 'Layout' });
export type Layout = z.output<typeof layoutSchema>;

/** Data of `preferences.updated`. `owner` names an API key without telling it. */
export const preferencesUpdatedSchema = z.object({ owner: z.string(), layout: layoutSchema });

/**
 * `patch` laid over `layout`: objects key by key at any depth, anything else as a whole; `null` removes a key.
 * `__proto__` and its like are ignored.
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
