/** The file of a recording in Chromium, offline: any request, dialog or error on the console is a fault. */
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import type { WatchedPage } from './chat-page.ts';

/** Opens the file at `path` from the disk, without stored data. */
export async function openRecording(
  browser: Browser,
  path: string,
  fragment: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ offline: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  const { href } = pathToFileURL(path);
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('dialog', (dialog) => {
    faults.push(`asked ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (sent) => {
    const isOwn = sent.url() === href || sent.url().startsWith('blob:null/');
    if (!isOwn) faults.push(`asked for ${sent.url()}`);
  });
  page.on('websocket', (socket) => faults.push(`opened ${socket.url()}`));
  await page.goto(href + fragment);
  return { page, faults, close: () => context.close() };
}
