/** The arguments of a call for a foreign tool. */
import type { JsonObject } from '../../../schema/json-value.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { parseExact } from './exact-json.ts';
import { isObject } from './told-value.ts';

/** As the model wrote them, to the last digit. */
export function exactArguments(
  input: JsonObject,
  argumentsJson: string,
): Outcome<Readonly<Record<string, unknown>>> {
  try {
    const exact = argumentsJson.trim() === '' ? null : parseExact(argumentsJson);
    return accepted(isObject(exact) ? { ...exact } : { ...input });
  } catch {
    return refused(refusal('validation_failed', 'The arguments are nested too deeply'));
  }
}
