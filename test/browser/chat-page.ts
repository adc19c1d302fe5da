/** The chat page in Chromium: an error on its console, or a request to another server, fails the test. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export type WatchedPage = {
  readonly page: Page;
  /** What the page did and must not do. */
  readonly faults: readonly string[];
  readonly close: () => Promise<void>;
};

export type WatchOptions = BrowserContextOptions & {
  /** True when the server goes away in this test: failed requests are then no fault. */
  readonly loses?: boolean;
};

/** A new page without stored data. `url` is the server's. */
export async function openChat(
  browser: Browser,
  url: string,
  { loses = false, ...options }: WatchOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    const isLoss = loses && /ERR_CONNECTION|WebSocket connection|status of (?:401|503)/.test(message.text());
    if (message.type() === 'error' && !isLoss) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, faults, close: () => context.close() };
}

export async function send(page: Page, text: string): Promise<void> {
  await page.fill('#composer', text);
  await page.press('#composer', 'Enter');
}

/** Resolves when the last answer has ended. */
export async function answered(page: Page): Promise<void> {
  await page.locator('.message.assistant').last().waitFor();
  await page.locator('.stop').waitFor({ state: 'detached' });
}
