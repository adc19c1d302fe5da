/** JSON that a client wrote. It is measured before it is parsed, so that nothing that walks a value overflows ([HTTP27]). */
import { isJsonDeeper } from './json-depth.ts';
import { limits } from './limits.ts';
import { accepted, type Outcome, refusal, refused } from './refusal.ts';

/** `what`: how its refusals call it. Never throws. */
export function parsedClientJson(text: string, what: string): Outcome<unknown> {
  if (isJsonDeeper(text, limits.jsonDepthMax)) {
    return refused(
      refusal('json_too_deep', `${what} must not be nested more than ${limits.jsonDepthMax} levels deep`),
    );
  }
  try {
    return accepted(JSON.parse(text));
  } catch {
    return refused(refusal('bad_json', `${what} must be valid JSON`));
  }
}
