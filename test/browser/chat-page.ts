/** The chat page in Chromium, watched: an error on its console or a request to anywhere else fails the test. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

export type WatchedPage = {
  readonly page: Page;
  /** What it did that it must not do. */
  readonly faults: readonly string[];
  readonly close: () => Promise<void>;
};

export type WatchOptions = BrowserContextOptions & {
  /** The server goes away in this test: requests that fail are no fault. */
  readonly loses?: boolean;
};

/** A page of its own, with nothing remembered. `url` is the server's. */
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

/** The last answer has ended. */
export async function answered(page: Page): Promise<void> {
  await page.locator('.message.assistant').last().waitFor();
  await page.locator('.stop').waitFor({ state: 'detached' });
}
