/** What the tests of pages share: a server, Chromium, and pictures for the documents. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { openChat, type WatchedPage, type WatchOptions } from './chat-page.ts';
import { launchChromium } from './chromium.ts';

/** Usable in tests and their hooks; not while tests are collected. */
export type Site = {
  /** The server's. */
  readonly url: string;
  readonly browser: Browser;
  /** Opens a page of the server; `path` begins with a slash. */
  readonly open: (path: string, options?: WatchOptions) => Promise<WatchedPage>;
};

export type SiteOptions = {
  /** Fills the data folder before the server starts. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** Settings of the server. */
  readonly env?: Readonly<Record<string, string>>;
};

/**
 * A server with a data folder of its own, and a browser: started before the tests of the `describe` that calls this,
 * stopped after them.
 */
export function site({ prepare, env = {} }: SiteOptions = {}): Site {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await prepare?.(folder.path);
    [server, browser] = await Promise.all([startServer({ dataFolder: folder.path, env }), launchChromium()]);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await folder?.remove();
  });

  return {
    get url() {
      return server.url;
    },
    get browser() {
      return browser;
    },
    open: (path, options) => openChat(browser, `${server.url}${path}`, options),
  };
}

/** Writes the config file of a server. */
export function withConfig(config: object): (folder: string) => Promise<void> {
  return (folder) => writeFile(join(folder, 'callboard.config.json'), JSON.stringify(config));
}

/** Makes a picture of the page in the folder that `SCREENSHOTS` names; without it, makes none. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
