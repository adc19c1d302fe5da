/**
 * Recognises questions about the time or the date, which the rehearsal engine answers with the clock tool (SPEC
 * [REH5]).
 */
import type { EngineToolResult } from '../../actors/ports.ts';
import { clockReadingSchema } from '../tools/clock-tool.ts';
import type { RehearsedToolCall } from './directives.ts';

/** Lists what may follow, so that `the time` matches but `the time complexity of …` does not. */
const ending = String.raw`(?=\s*(?:$|[?.!,;:]|(?:right now|now|today|please|there|here|in|at the moment)\b))`;
const patterns = [
  /\bwhat (?:time|day|date) is (?:it|today)\b/i,
  /\bwhich day is (?:it|today)\b/i,
  new RegExp(
    String.raw`\b(?:what(?: is|['’]?s)|tell me|(?:do you|can you) (?:know|have|tell me)|give me)` +
      ` (?:the )?(?:current |exact |local |correct )?(?:(?:time|date)(?: and (?:time|date))?|day)${ending}`,
    'i',
  ),
  /\bwhat(?: is|['’]?s) today['’]?s date\b/i,
  /\bwhat(?: is|['’]?s) the day today\b/i,
  /\bwhat time it is\b/i,
];

export function asksForTime(text: string): boolean {
  const plain = text.replace(/\s+/g, ' ');
  return patterns.some((pattern) => pattern.test(plain));
}

/** The clock call for a question, with the IANA zone that the question names, if any: `in Europe/Berlin`. */
export function clockCallFor(question: string): RehearsedToolCall {
  const zone = /\b[A-Z][A-Za-z]+(?:\/[A-Z][A-Za-z_-]+){1,2}\b/.exec(question)?.[0];
  return { name: 'clock', argumentsJson: zone === undefined ? '{}' : JSON.stringify({ timeZone: zone }) };
}

/** `It is 12:34:56 UTC on Monday, 23 November 2026.`; `undefined` when the result is not the clock tool's. */
export function timeSentence(result: EngineToolResult): string | undefined {
  if (result.failed) return undefined;
  const reading = clockReadingSchema.safeParse(jsonOf(result.result));
  if (!reading.success) return undefined;
  const { local, timeZone } = reading.data;
  const [day = '', time = ''] = local.split('T');
  const date = new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', {
    timeZone: 'UTC',
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  });
  const where = timeZone === 'UTC' ? 'UTC' : `in ${timeZone}`;
  return `It is ${time.slice(0, 8)} ${where} on ${date.replace(/^(\p{L}+) /u, '$1, ')}.`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
