/**
 * Scenarios in sizes that take seconds, so that the benchmark does not rot. Judges no speed. A full run tries all systems
 * of all scenarios; a quick run all systems of the fan-out, and of every other scenario, chosen by the run's seed, the
 * first system: each takes the start of two processes.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { MeasuredProcess, serverCpu, whyNotPinned } from '../../bench/process/measured-process.ts';
import { htmlReport } from '../../bench/report/html-report.ts';
import { resultsOf } from '../../bench/report/results.ts';
import { type Results, resultsSchema } from '../../bench/report/results-schema.ts';
import { tableText, targetsText } from '../../bench/report/text-table.ts';
import { runSelection } from '../../bench/runner.ts';
import { fanOut } from '../../bench/scenarios/fan-out.ts';
import { Rig } from '../../bench/scenarios/rig.ts';
import type { Scenario, ScenarioSize } from '../../bench/scenarios/scenario.ts';
import { scenarios as allScenarios } from '../../bench/scenarios/scenarios.ts';
import { whyInvalid, whyStarved } from '../../bench/scenarios/validity.ts';
import { cases, effort, inTurn } from '../effort.ts';
import { seedOfRun } from '../named-property.ts';
import { compileCache } from '../processes/compile-cache.ts';

const burnMsMax = 30_000;
const smokeMs = 600_000;
const seed = seedOfRun();
const others = allScenarios.filter((scenario) => scenario !== fanOut);
const scenarios = [fanOut, ...inTurn(others, { oneIn: 8, seed })];

function smokeSizes(scenario: Scenario): readonly ScenarioSize[] {
  const isWhole = effort === 'full' || scenario === fanOut;
  return scenario.sizes
    .filter(({ smoke }) => smoke)
    .map((size) => ({ ...size, contestants: size.contestants.slice(0, isWhole ? undefined : 1) }));
}

const databaseUrl = process.env['TEST_DATABASE_URL'];
let results: Results;
let folder: string;

beforeAll(async () => {
  vi.stubEnv('NODE_COMPILE_CACHE', compileCache.NODE_COMPILE_CACHE);
  folder = await mkdtemp(join(tmpdir(), 'callboard-bench-test-'));
  const runs = await runSelection({
    scenarios,
    contestants: [],
    sizesOf: smokeSizes,
    repeat: 1,
    seed: 7,
    databaseUrl,
    onProgress: () => {},
  });
  results = resultsOf({ scenarios, runs, seed: 7, load: 0 });
}, smokeMs);

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

it('runs every contestant of every scenario, and each has a figure', () => {
  for (const scenario of scenarios) {
    for (const size of smokeSizes(scenario)) {
      const table = results.tables.find((each) => each.scenario === scenario.name && each.size === size.name);
      const expected = size.contestants.filter(
        ({ needsDatabase }) => !needsDatabase || databaseUrl !== undefined,
      );
      expect(table?.rows.map(({ contestant }) => contestant)).toEqual(expected.map(({ name }) => name));
      for (const { title, spreads, invalid } of table?.rows ?? []) {
        const failures = invalid.filter(
          (reason) => reason.startsWith('it failed') || reason.includes('did not come'),
        );
        expect({ scenario: scenario.name, title, failures }).toEqual({
          scenario: scenario.name,
          title,
          failures: [],
        });
        expect(Object.keys(spreads).length, `${scenario.name}: ${title}`).toBeGreaterThan(0);
      }
    }
  }
});

it('sees the same text from every system', () => {
  const withText = results.tables.filter(({ sameText }) => sameText !== undefined);
  // Those that a quick run leaves out have texts as well.
  expect(withText.length).toBeGreaterThanOrEqual(cases({ quick: 1, full: 4 }));
  for (const { scenario, sameText, rows } of withText) {
    expect({ scenario, sameText, faults: rows.flatMap(({ faults }) => faults) }).toEqual({
      scenario,
      sameText: true,
      faults: [],
    });
  }
});

it('writes results that keep to their schema, tables and a report that is well-formed and needs no network', () => {
  expect(resultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
  for (const table of results.tables) expect(tableText(table)).toContain(table.title);
  expect(targetsText(results.targets).match(/^\|/gm)).toHaveLength(results.targets.length + 2);
  const html = htmlReport(results);
  expect(openElements(html)).toEqual([]);
  expect(html).not.toMatch(/(src|href|url\()\s*=?\s*["']?(https?:)?\/\//);
  expect(html).toContain('<svg');
  expect(html).toContain('&lt; 50 ms');
});

it('marks a run whose client was saturated', async () => {
  const rig = await Rig.start('ws-loop');
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => 2);
    const [round] = await Promise.all([
      rig.answer({ seed: 1, answer: 0, tokens: 60, rate: 100, waitMsMax: 20_000 }),
      rig.burnClient(1500),
    ]);
    expect(round.faults).toEqual([]);
    expect(whyInvalid(round, { latencyCounts: true }).join()).toMatch(/^the client was (saturated|late)/);
  } finally {
    await rig.stop();
  }
}, 60_000);

// Nothing can be told of processes that are not pinned.
it.runIf(whyNotPinned() === undefined)(
  'marks the times of a run whose server was starved',
  async () => {
    const rig = await Rig.start('ws-loop');
    // Another program on the server's processor: the load client's can keep one busy.
    const program = new URL('../../bench/client/load-client.ts', import.meta.url);
    const other = await MeasuredProcess.start(program, { cpu: serverCpu, argument: null, ready: z.null() });
    try {
      await rig.createSessions(1);
      await rig.subscribe(() => 2);
      other.process.ask('burn', burnMsMax, z.null()).catch(() => {});
      const round = await rig.answer({ seed: 1, answer: 0, tokens: 60_000, rate: 0, waitMsMax: burnMsMax });
      expect(round.faults).toEqual([]);
      expect(whyStarved([round.serverStarvedShare]).join()).toMatch(/^the server was starved/);
    } finally {
      await other.process.stop();
      await rig.stop();
    }
  },
  60_000,
);

it('marks a run whose provider was starved, and takes the same text from it otherwise', async () => {
  const rig = await Rig.start('ws-openai', {}, { provider: { format: 'openai', eventsPerWrite: 4 } });
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => 1);
    const plan = { seed: 1, rate: 100, waitMsMax: 20_000 };
    const round = await rig.answer({ ...plan, answer: 0, tokens: 30 });
    expect(round).toMatchObject({ faults: [], complete: 1, tokensDelivered: 30 });
    const [starved] = await Promise.all([
      rig.answer({ ...plan, answer: 1, tokens: 60 }),
      rig.burnProvider(1500),
    ]);
    expect(starved.faults).toEqual([]);
    expect(whyInvalid(starved, { latencyCounts: true }).join()).toMatch(/the provider was (saturated|late)/);
  } finally {
    await rig.stop();
  }
}, 60_000);

it('notices a text that is not what the engine said, and one that does not come', async () => {
  const recordFile = join(folder, 'recording');
  const plan = { answer: 0, tokens: 50, rate: 0, waitMsMax: 5000 };
  const source = await Rig.start('callboard-v1');
  try {
    await source.createSessions(1);
    await source.subscribe(() => 1);
    expect((await source.answer({ ...plan, seed: 1, recordFile })).faults).toEqual([]);
  } finally {
    await source.stop();
  }
  const rig = await Rig.start('ceiling');
  try {
    await rig.createSessions(1);
    await rig.subscribe(() => 1);
    await rig.replay(recordFile);
    expect((await rig.answer({ ...plan, seed: 2, waitMsMax: 500 })).faults).toHaveLength(1);
    const cut = await rig.answer({ ...plan, seed: 1, answer: 1, tokens: 500, waitMsMax: 500 });
    expect(whyInvalid(cut, { latencyCounts: false })).toContain('1 of 1 texts did not come in time');
  } finally {
    await rig.stop();
  }
}, 60_000);

/** Elements that are not closed, innermost last; a stray closing tag is included with its slash. */
function openElements(html: string): readonly string[] {
  const open: string[] = [];
  for (const [, slash, name = '', empty] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)[^<>]*?(\/?)>/g)) {
    if (empty === '/') continue;
    if (slash === '') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else open.push(`/${name}`);
  }
  return open;
}
