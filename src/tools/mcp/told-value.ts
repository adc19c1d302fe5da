/** A value that a tool server, or an endpoint, has told: what it is, and how a sentence shows it. */
import { limits } from '../../../schema/limits.ts';
import { cutText, valueText } from '../../../schema/preview.ts';

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** As a sentence can carry it. */
export function quoted(value: unknown): string {
  return cutText(valueText(value) ?? 'null', limits.failureWordsUnitsMax);
}
