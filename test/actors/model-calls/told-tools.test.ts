/** What models are told of tools: the definition alone, made and counted once for each tool. */
import { expect, it } from 'vitest';
import { ToldTools } from '../../../actors/model-calls/told-tools.ts';
import { systemClock } from '../../../src/clock.ts';
import { createClockTool } from '../../../src/tools/clock-tool.ts';

it('tells of a tool what its definition has, and counts it once', () => {
  const counted: string[] = [];
  const told = new ToldTools((text) => counted.push(text));
  const clock = createClockTool(systemClock);
  const { name, description, inputSchema } = clock;
  const first = told.of(clock);
  expect(first).toEqual({ definition: { name, description, inputSchema }, tokens: 1 });
  expect(told.of(clock)).toBe(first);
  // A server that lists its tools again makes new ones, perhaps with another schema.
  expect(told.of({ ...clock, description: 'Another' }).tokens).toBe(2);
  expect(counted.map((text) => JSON.parse(text).description)).toEqual([description, 'Another']);
});
