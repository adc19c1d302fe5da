/**
 * How long the chat page keeps a person waiting when what it shows is bad.
 *
 * Method: each text of `bad-texts.ts` is stored as an answer and as a question of a session of its own. Chromium opens
 * the session from the list, then somebody types a letter, scrolls to the beginning, and pastes the same text into the
 * field. The page's own entries of `longtask` and `event` are read: the longest task is how long nothing else could
 * happen; the longest event is the time from a key or click to the picture that shows it.
 *
 * node bench/pages/bad-input.ts [part of a name]
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { callRest } from '../client/rest.ts';
import { startInspectedServer } from '../inspect/inspected-server.ts';
import { badTexts } from './bad-texts.ts';

const wanted = process.argv[2] ?? '';
const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

/** Keeps the longest of each kind of entry, ms. */
const watch = `
  globalThis.longest = { task: 0, event: 0 };
  const keep = (kind) => (list) => {
    for (const { duration } of list.getEntries()) longest[kind] = Math.max(longest[kind], duration);
  };
  new PerformanceObserver(keep('task')).observe({ type: 'longtask' });
  new PerformanceObserver(keep('event')).observe({ type: 'event', durationThreshold: 16 });
`;

type Longest = { readonly task: number; readonly event: number };

const server = await startInspectedServer();
const url = `http://127.0.0.1:${server.port}/`;
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--headless', '--disable-gpu'],
});
const context = await browser.newContext({
  viewport: { width: 1280, height: 800 },
  permissions: ['clipboard-read', 'clipboard-write'],
});
try {
  say('longest task / longest event, ms; shown: from the click until the text is there');
  say(
    `${'text'.padEnd(44)} ${['open', 'shown', 'type', 'scroll', 'paste', 'send'].map((word) => word.padStart(11)).join('')}`,
  );
  for (const [name, text] of badTexts) if (name.includes(wanted)) await measure(name, text);
} finally {
  await browser.close();
  await server.end();
}

async function measure(name: string, text: string): Promise<void> {
  const id = await server.createSession();
  // The question is answered with a word, and long texts are sent as parts.
  for (const [role, end] of [
    ['assistant', ''],
    ['user', ' [[tokens=1]]'],
  ] as const) {
    const parts = [{ type: 'text', text: text.slice(0, text.length - end.length) + end }];
    await callRest(server.port, `/chat-sessions/${id}/messages`, { role, parts });
  }
  const page = await context.newPage();
  await page.goto(url);
  await page.getByText('Connected').waitFor();
  await page.evaluate(watch);
  await pause(300);
  const cells: string[] = [];
  const begun = performance.now();
  await page.locator(`a[href="?session=${id}"]`).click();
  await page.locator('.message.assistant').nth(1).waitFor({ state: 'attached' });
  const shown = performance.now() - begun;
  cells.push(inWords(await read(page)), shown.toFixed(0));
  await page.keyboard.press('x');
  cells.push(inWords(await read(page)));
  for (const top of [0, 1e9, 2e4]) {
    await page.evaluate(`document.querySelector('.scroller').scrollTop = ${top}`);
    await pause(100);
  }
  cells.push(inWords(await read(page)));
  await page.keyboard.press('Backspace');
  await read(page);
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('Control+V');
  cells.push(inWords(await read(page)));
  await page.keyboard.press('x');
  cells.push(inWords(await read(page)));
  say(`${name.padEnd(44)} ${cells.map((cell) => cell.padStart(11)).join('')}`);
  await page.close();
  await callRest(server.port, `/chat-sessions/${id}`, undefined, { method: 'DELETE' });
}

/** The longest entries since it was last called, once the page has come to rest. */
async function read(page: Page): Promise<Longest> {
  await pause(1000);
  return await page.evaluate(
    `new Promise((resolve) => requestIdleCallback(() => setTimeout(() => {
      const { task, event } = longest;
      longest = { task: 0, event: 0 };
      resolve({ task, event });
    }, 50)))`,
  );
}

function inWords({ task, event }: Longest): string {
  return `${task.toFixed(0)}/${event.toFixed(0)}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
