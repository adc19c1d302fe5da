/** Values as inspectors see them: JSON text, bounded and without secrets. */
import { limits } from './limits.ts';
import { loggableJson } from './log-context.ts';
import { cutText, valueText } from './preview.ts';

/** An actor's context as JSON, cut to the limit. */
export function shownContext(context: unknown): string | null {
  if (context === undefined) return null;
  return cutText(
    JSON.stringify(loggableJson(context, limits.inspectContextUnitsMax)),
    limits.inspectPreviewUnitsMax,
  );
}

/** Any value as JSON, cut to the limit. */
export function shownValue(value: unknown): string | null {
  return valueText(value) === null
    ? null
    : cutText(
        JSON.stringify(loggableJson(value, limits.inspectPreviewUnitsMax)),
        limits.inspectPreviewUnitsMax,
      );
}
