/**
 * How smooth the inspector is, and what watching costs, while many turns stream at once.
 *
 * Method: a separate server answers `TURNS` (1,000) sessions at the same time with text of the rehearsal engine. Its
 * CPU time over `SECONDS` (10) is measured three times: nobody watches; Chromium shows the tree; Chromium shows the
 * tree and the chart and log of one session. In the browser, the times between animation frames are measured. The
 * cost of watching is the difference between the first measurement and the others. The browser runs on the same
 * machine; its load is not included.
 *
 * node bench/inspect/frames.ts
 */
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Page } from 'playwright-core';
import { callRest } from '../client/rest.ts';
import { framesInWords, framesOf } from './frame-times.ts';
import { startInspectedServer } from './inspected-server.ts';

const turns = Number(process.env['TURNS'] ?? 1000);
const seconds = Number(process.env['SECONDS'] ?? 10);
/** Pieces of text per second and turn. */
const pace = Number(process.env['PACE'] ?? 5);
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

const server = await startInspectedServer();
const url = `http://127.0.0.1:${server.port}/inspect`;
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--headless', '--disable-gpu'],
});
try {
  const first = await startTurns();
  await pause(settleMs());
  const alone = await cpuPerCent(() => pause(seconds * 1000));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(url);
  await page.getByRole('treeitem').nth(10).waitFor();
  await pause(settleMs());
  const [watched, tree] = await cpuAndFrames(page);
  await page.goto(`${url}?session=${first}`);
  await page.locator('.chart .state.active').first().waitFor();
  await page.getByRole('tab', { name: 'Sequence' }).click();
  await pause(settleMs());
  const [focused, focus] = await cpuAndFrames(page);
  const actors = await page.locator('.census b').first().textContent();
  say(`${turns} turns at ${pace} pieces/s each, ${actors} actors, ${seconds} s each`);
  say(`server, nobody watches:   ${alone.toFixed(1)} % of a core`);
  say(`server, tree watched:     ${watched.toFixed(1)} %`);
  say(`server, tree and session: ${focused.toFixed(1)} %`);
  say(`frames, tree:             ${framesInWords(tree)}`);
  say(`frames, tree and session: ${framesInWords(focus)}`);
} finally {
  await browser.close();
  await server.end();
}

/** By then the page has its first snapshot, and the cost of starting is over. */
function settleMs(): number {
  return 200 * seconds;
}

/** Resolves with the id of the first session. */
async function startTurns(): Promise<string> {
  const content = `Tell me [[tokens=100000 delay=${Math.round(1000 / pace)}]]`;
  const ids: string[] = [];
  for (let index = 0; index < turns; index++) {
    const id = await server.createSession();
    ids.push(id);
    await callRest(server.port, `/chat-sessions/${id}/messages`, { content });
  }
  return ids[0] ?? '';
}

async function cpuAndFrames(page: Page): Promise<readonly [perCent: number, frames: readonly number[]]> {
  let frames: readonly number[] = [];
  const perCent = await cpuPerCent(async () => {
    frames = await framesOf(page, seconds);
  });
  return [perCent, frames];
}

/** Processor time of the server while `run` runs, in per cent of one core. */
async function cpuPerCent(run: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  const before = server.cpuMs();
  await run();
  return (100 * (server.cpuMs() - before)) / (performance.now() - begun);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
