import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockReadingSchema, createClockTool } from '../../../src/tools/clock-tool.ts';
import { createManualClock } from '../engines/manual-clock.ts';

const run = (argumentsJson: string) =>
  createClockTool(createManualClock()).run(argumentsJson, new AbortController().signal);

describe('the clock tool', () => {
  it.each(['', '{}', 'null', '{"timeZone":null}', '{"place":"Oslo"}'])(
    '[REH9] answers UTC for %j',
    async (json) => {
      expect(await run(json)).toEqual({
        ok: true,
        value: { iso: '2026-11-23T12:34:56.789Z', timeZone: 'UTC', local: '2026-11-23T12:34:56+00:00' },
      });
    },
  );

  it.each([
    ['Europe/Berlin', '2026-11-23T13:34:56+01:00'],
    ['Asia/Kolkata', '2026-11-23T18:04:56+05:30'],
    ['America/New_York', '2026-11-23T07:34:56-05:00'],
    ['Pacific/Kiritimati', '2026-11-24T02:34:56+14:00'],
  ])('[REH9] answers the wall time of %s', async (timeZone, local) => {
    expect(await run(JSON.stringify({ timeZone }))).toMatchObject({ value: { timeZone, local } });
  });

  it.each([
    ['{"timeZone":"Mars/Olympus"}', 'validation_failed', '"Mars/Olympus" is not an IANA time zone'],
    ['{"timeZone":""}', 'validation_failed', '"" is not an IANA time zone'],
    ['{"timeZone":7}', 'validation_failed', 'clock takes'],
    ['[]', 'validation_failed', 'clock takes'],
    ['{', 'bad_json', 'not JSON'],
  ])('[REH9] refuses %s', async (json, code, message) => {
    expect(await run(json)).toMatchObject({
      ok: false,
      refusal: { code, message: expect.stringContaining(message) },
    });
  });

  it('[REH9] never throws, and every reading has the promised form', async () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(zones, fc.string()), async (timeZone) => {
        const outcome = await run(JSON.stringify({ timeZone }));
        if (outcome.ok) expect(clockReadingSchema.parse(outcome.value).timeZone).toBe(timeZone);
      }),
    );
    await fc.assert(fc.asyncProperty(fc.string(), async (text) => void (await run(text))));
  });
});
