/**
 * Goal: the client library works in a browser as in Node. Method: its bundle in a page in headless Chromium, a real
 * server, and the chaos proxy between them, which cuts the connection in the middle of an answer.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChaosProxy, startChaosProxy } from '../chaos/chaos-proxy.ts';
import { inTurn, isCi } from '../effort.ts';
import { seedOfRun } from '../named-property.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import { type Bundle, bundledClient, servePage } from './page-bundle.ts';

describe('the bundle', () => {
  it('[CLT9] is small, and brings no schema validator along', async () => {
    const { code, gzipBytes } = await bundledClient();
    expect(code).not.toMatch(/\bfrom\s*["']|\brequire\(|ZodError|node:/);
    expect(gzipBytes).toBeLessThan(12_000);
    // The further entries are not in it.
    expect(code).toContain('/messages');
    expect(code).not.toMatch(/providers\/catalog|\/runs|branch=all/);
  });
});

describe.runIf(hasChromium || isCi)('in Chromium', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let proxy: ChaosProxy;
  let bundle: Bundle;
  let pages: Awaited<ReturnType<typeof servePage>>;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    [bundle, browser] = await Promise.all([bundledClient(), launchChromium()]);
    pages = await servePage(bundle);
    server = await startServer({
      dataFolder: folder.path,
      env: { CALLBOARD_ALLOWED_ORIGINS: new URL(pages.url).origin },
    });
    proxy = await startChaosProxy(server.port);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    pages?.close();
    await proxy?.close();
    await server?.end();
    await folder?.remove();
  });

  const read = <Value>(page: Page, expression: string): Promise<Value> => page.evaluate(expression);

  const ways = [
    { way: 'a WebSocket', failures: 3, kind: 'websocket' },
    { way: 'Server-Sent Events', failures: 0, kind: 'sse' },
  ];
  it.each(inTurn(ways, { oneIn: 2, seed: seedOfRun() }))(
    '[CLT9] streams an answer over $way, through two cuts in its middle, to the text that REST has',
    async ({ failures, kind }) => {
      const created = await request(server.url, 'POST', '/chat-sessions', { title: 'Browser' });
      const id = textAt(created.body, 'id');
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(`${pages.url}?url=${encodeURIComponent(proxy.url)}&session=${id}&failures=${failures}`);
      await read(page, 'callboard.session.ready()');
      const sent = await read(page, `callboard.session.send('[[tokens=300 delay=5]] Tell me')`);
      expect(sent).toMatchObject({ role: 'user' });
      const hasShown = (units: number) => page.waitForFunction(`callboard.texts.at(-1)?.length > ${units}`);
      const cuts = proxy.seen.cuts;
      await hasShown(200);
      proxy.cutAll();
      await hasShown(700);
      proxy.cutAll();
      await page.waitForFunction(
        `callboard.session.snapshot.value.activity === 'idle' && callboard.session.messages.value.length === 2 &&
         !callboard.session.messages.value[1].streaming`,
      );
      const stored = await request(server.url, 'GET', `/chat-sessions/${id}/messages`);
      const answer: unknown = Array.isArray(stored.body) ? stored.body[1] : undefined;
      const final = textAt(answer, 'content');
      expect(final.length).toBeGreaterThan(1000);
      expect(await page.textContent('#messages li.assistant')).toBe(final);
      const texts = await read<string[]>(page, 'callboard.texts');
      for (const [index, text] of texts.entries()) expect(text.startsWith(texts[index - 1] ?? '')).toBe(true);
      expect(texts.length).toBeGreaterThan(10);
      expect(texts.at(-1)).toBe(final);
      expect(proxy.seen.cuts - cuts).toBeGreaterThanOrEqual(2);
      expect(await read<string[]>(page, 'callboard.states')).toContain('reconnecting');
      expect(await read(page, 'callboard.client.transport()')).toBe(kind);
      expect(await read(page, 'callboard.violations')).toEqual([]);
      expect(errors).toEqual([]);
      await page.close();
    },
    30_000,
  );
});
