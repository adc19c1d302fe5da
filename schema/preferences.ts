/** A user's preferences on the server: the layout of the web page (docs/protocol.md A5). */
import { z } from 'zod';
import { isJsonValue } from './json-value.ts';
import { limits } from './limits.ts';
import { isoTimestamp, type Milliseconds } from './timestamp.ts';

/** Any JSON object that is not too deep; only the page interprets it. */
export const layoutSchema = z
  .record(z.string(), z.unknown())
  .check(({ value, issues }) => {
    if (isJsonValue(value, limits.layoutDepthMax)) return;
    issues.push({ code: 'custom', input: value, params: { constraint: 'isShallowJson' } });
  })
  .pipe(z.record(z.string(), z.json()))
  .meta({ id: 'Layout' });
export type Layout = z.output<typeof layoutSchema>;

/** The layout as it is answered: never without the keys that the page reads, nor without the time of its last change. */
export const shownLayoutSchema = z
  .object({ updatedAt: z.iso.datetime() })
  .catchall(z.json())
  .meta({ id: 'ShownLayout' });
export type ShownLayout = z.output<typeof shownLayoutSchema>;

/** A layout as it is kept: what its owner has put, without defaults. */
export type StoredLayout = { readonly layout: Layout; readonly updatedAt: Milliseconds };

/** What the baseline's page finds at first. */
const defaultLayout: Layout = { chat: { collapsedPanels: {}, sessionSettings: {}, templates: {} } };

/** What `GET` and `PUT` answer: a default key that the owner has removed, or never put, has its default. */
export function shownLayout({ layout, updatedAt }: StoredLayout): ShownLayout {
  return { ...mergedLayout(defaultLayout, layout), updatedAt: isoTimestamp(updatedAt) };
}

/** The layout after a `PUT`. A page may put back the `updatedAt` that it has read: it means nothing. */
export function changedLayout(layout: Layout, patch: Layout): Layout {
  const { updatedAt: _, ...rest } = mergedLayout(layout, patch);
  return rest;
}

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
