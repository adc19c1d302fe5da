/** The built-in tool `clock`: what time it is, in UTC or in a time zone (SPEC [REH9]). */
import { z } from 'zod';
import type { Clock } from '../../actors/ports.ts';
import type { Tool } from '../../actors/tool-ports.ts';
import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import { isoTimestamp, type Milliseconds } from '../../schema/timestamp.ts';

/** The tool's result. */
export const clockReadingSchema = z.object({
  /** UTC, with milliseconds. */
  iso: z.iso.datetime(),
  /** The zone of `local`, as the call named it. */
  timeZone: z.string(),
  /** Wall time in `timeZone` with its offset, to the second: `2026-11-23T13:34:56+01:00`. */
  local: z.iso.datetime({ offset: true }),
});
export type ClockReading = z.infer<typeof clockReadingSchema>;

const argumentsSchema = z.object({
  timeZone: z.string().nullish().describe('IANA name, such as Europe/Berlin; UTC without it'),
});

/** Arguments `{"timeZone"?: "Europe/Berlin"}`; without a zone, UTC. Refuses a zone that the runtime does not know. */
export function createClockTool(clock: Clock): Tool {
  return {
    name: 'clock',
    description: 'Tells the current date and time, in UTC or in the IANA time zone `timeZone`.',
    // A round trip through JSON drops what JSON cannot carry, so the result is a plain JSON Schema.
    inputSchema: JSON.parse(JSON.stringify(z.toJSONSchema(argumentsSchema, { io: 'input' }))),
    requiresApproval: false,
    repeatable: true,
    timeoutMs: limits.clockToolTimeoutMs,
    run: async (input) => readClock(clock.now(), argumentsSchema.parse(input).timeZone ?? 'UTC'),
  };
}

function readClock(now: Milliseconds, timeZone: string): Outcome<ClockReading> {
  const format = formatOf(timeZone);
  if (format === undefined) {
    const shown = JSON.stringify(cutText(timeZone, limits.toolNoteUnitsMax));
    return refused(refusal('validation_failed', `${shown} is not an IANA time zone`));
  }
  return accepted({
    iso: isoTimestamp(now),
    timeZone,
    local: localTime(format, now),
  });
}

/** `undefined` when the runtime does not know the zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function localTime(format: Intl.DateTimeFormat, at: Milliseconds): string {
  const parts = new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
  const field = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
  const offset = field('timeZoneName').replace('GMT', '').replace('\u2212', '-');
  return (
    `${field('year').padStart(4, '0')}-${field('month')}-${field('day')}` +
    `T${field('hour')}:${field('minute')}:${field('second')}${offset === '' ? 'Z' : offset}`
  );
}
