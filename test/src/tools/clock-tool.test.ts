import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validArguments } from '../../../actors/tool-calls/argument-validation.ts';
import type { JsonObject } from '../../../schema/json-value.ts';
import { clockReadingSchema, createClockTool } from '../../../src/tools/clock-tool.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { toolRun } from '../../fakes/tool-run.ts';
import { createManualClock } from '../engines/manual-clock.ts';

const run = (input: JsonObject) => createClockTool(createManualClock()).run(input, toolRun());

describe('the clock tool', () => {
  it.each([{}, { timeZone: null }, { place: 'Oslo' }])('[REH9] answers UTC for %j', async (input) => {
    expect(await run(input)).toEqual({
      ok: true,
      value: { iso: '2026-11-23T12:34:56.789Z', timeZone: 'UTC', local: '2026-11-23T12:34:56+00:00' },
    });
  });

  it.each([
    ['Europe/Berlin', '2026-11-23T13:34:56+01:00'],
    ['Asia/Kolkata', '2026-11-23T18:04:56+05:30'],
    ['America/New_York', '2026-11-23T07:34:56-05:00'],
    ['Pacific/Kiritimati', '2026-11-24T02:34:56+14:00'],
  ])('[REH9] answers the wall time of %s', async (timeZone, local) => {
    expect(await run({ timeZone })).toMatchObject({ value: { timeZone, local } });
  });

  it.each([
    ['Mars/Olympus', '"Mars/Olympus" is not an IANA time zone'],
    ['', '"" is not an IANA time zone'],
  ])('[REH9] refuses the zone %j', async (timeZone, message) => {
    expect(await run({ timeZone })).toMatchObject({
      ok: false,
      refusal: { code: 'validation_failed', message },
    });
  });

  it.each(['{"timeZone":7}', '[]', '{'])('[REH9] has a schema that refuses %s', (json) => {
    expect(validArguments(createClockTool(createManualClock()), json, silentLog).ok).toBe(false);
  });

  it('[REH9] never throws, and every reading has the promised form', async () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(zones, fc.string()), async (timeZone) => {
        const outcome = await run({ timeZone });
        if (outcome.ok) expect(clockReadingSchema.parse(outcome.value).timeZone).toBe(timeZone);
      }),
    );
  });
});
