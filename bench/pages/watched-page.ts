/** The chat page in Chromium, with what it says of its own tasks, events and frames. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type InspectedServer, startInspectedServer } from '../inspect/inspected-server.ts';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';

export type Pages = {
  readonly server: InspectedServer;
  readonly browser: Browser;
  readonly end: () => Promise<void>;
};

export async function startPages(): Promise<Pages> {
  const server = await startInspectedServer();
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--headless', '--disable-gpu'],
  });
  return {
    server,
    browser,
    end: async () => {
      await browser.close();
      await server.end();
    },
  };
}

/** Keeps the longest of each kind of entry, ms. Those from before it began are among them. */
const watch = `
  globalThis.longest = { task: 0, event: 0 };
  const keep = (kind) => (list) => {
    for (const { duration } of list.getEntries()) longest[kind] = Math.max(longest[kind], duration);
  };
  new PerformanceObserver(keep('task')).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver(keep('event')).observe({ type: 'event', durationThreshold: 16 });
`;

/** A page without stored data, connected and at rest. */
export async function openWatchedPage(browser: Browser, port: number, path = ''): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(`http://127.0.0.1:${port}/${path}`);
  if (path !== '') return page;
  await page.getByText('Connected').waitFor();
  await longestOf(page);
  return page;
}

/** ms; 0: none was longer than 50 ms (a task) or 16 ms (from an event to the picture that shows what came of it). */
export type Longest = { readonly task: number; readonly event: number };

/** The longest since it was last called, once the page has come to rest. */
export async function longestOf(page: Page): Promise<Longest> {
  await pause(1000);
  return await page.evaluate(
    `new Promise((resolve) => requestIdleCallback(() => setTimeout(() => {
      resolve({ ...longest });
      longest = { task: 0, event: 0 };
    }, 50)))`,
  );
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
