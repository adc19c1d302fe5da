/**
 * Goal: the chat page works behind a program's own sign-in, and with tokens: of two people in two browsers neither sees the
 * other's sessions ([HOOK1], [TOK2]). Method: the example program in a process of its own, and Chromium.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { compileCache } from '../processes/compile-cache.ts';
import { temporaryFolder } from '../processes/server-process.ts';
import { answered, send } from './chat-page.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import { picture } from './site.ts';

describe.runIf(hasChromium || isCi)('a program with a sign-in, in Chromium', { timeout: 60_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let program: ChildProcess;
  let browser: Browser;
  let address = '';

  beforeAll(async () => {
    folder = await temporaryFolder();
    program = spawn(process.execPath, ['examples/sign-in/server.ts', '--port', '0', '--data', folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], ...compileCache },
    });
    const { stdout } = program;
    if (stdout === null) throw new Error('its output is piped');
    const told = (async () => {
      for await (const line of createInterface({ input: stdout })) {
        const [, found] = /^Sign in at (\S+)$/.exec(line) ?? [];
        if (found !== undefined) return found;
      }
      throw new Error('the program has ended');
    })();
    [address, browser] = await Promise.all([told, launchChromium()]);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    if (program !== undefined && program.exitCode === null) {
      const ended = new Promise((resolve) => program.once('exit', resolve));
      program.kill('SIGTERM');
      await ended;
    }
    await folder?.remove();
  });

  /** A browser of somebody's own, signed in, on the chat page. */
  async function person(name: string) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(address);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.href !== address);
    return { context, page };
  }

  it('[HOOK1] [OWN3] two people chat, and neither sees the other', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')];
    await send(ada.page, 'What Ada asks [[tokens=5 delay=0]]');
    await answered(ada.page);
    await send(bob.page, 'What Bob asks [[tokens=5 delay=0]]');
    await answered(bob.page);
    await Promise.all([ada.page.reload(), bob.page.reload()]);
    await expect.poll(() => ada.page.getByText('What Ada asks').count()).toBeGreaterThan(0);
    await expect.poll(() => bob.page.getByText('What Bob asks').count()).toBeGreaterThan(0);
    expect(await ada.page.getByText('What Bob asks').count()).toBe(0);
    expect(await bob.page.getByText('What Ada asks').count()).toBe(0);
    await picture(ada.page, 'sign-in-ada');
    await picture(bob.page, 'sign-in-bob');

    const foreign = new URL(bob.page.url());
    await ada.page.goto(foreign.href);
    await ada.page.getByText('This session is gone').waitFor();
    await picture(ada.page, 'sign-in-foreign');
    expect(await ada.page.getByText('What Bob asks').count()).toBe(0);
    await ada.context.close();
    await bob.context.close();
  });

  it('[WEB29] [HOOK4] whoever is not signed in is led to the sign-in page, and back to the same conversation', async () => {
    const { context, page } = await person('Ada');
    await send(page, 'Where we were [[tokens=5 delay=0]]');
    await answered(page);
    const conversation = page.url();
    await page.fill('#composer', 'Half a sent');
    await context.clearCookies();
    await page.goto(`${conversation}&apiKey=not-to-be-told`);
    const link = page.getByRole('link', { name: `Sign in at ${new URL(address).host}` });
    await link.waitFor();
    expect(await page.getByText('Where we were').count()).toBe(0);
    await picture(page, 'sign-in-link');
    expect(await link.getAttribute('href')).not.toContain('not-to-be-told');
    // The inspector leads back to the inspector.
    const inspector = await context.newPage();
    await inspector.goto(conversation.replace('/?', '/inspect?'));
    const other = inspector.getByRole('link', { name: 'Sign in at' });
    expect(await other.getAttribute('href')).toContain(encodeURIComponent('/inspect?session='));
    await inspector.close();
    await link.click();
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(conversation);
    await page.getByText('Where we were').first().waitFor();
    expect(await page.locator('#composer').inputValue()).toBe('Half a sent');
    await context.close();
  });

  it.runIf(effort === 'full')(
    '[WEB29] a link that somebody else made leads back to the chat alone',
    async () => {
      const chat = await person('Ada');
      const { origin } = new URL(chat.page.url());
      await chat.context.close();
      for (const evil of [
        '//evil.example/',
        'https://evil.example/',
        '/\\evil.example',
        'javascript:alert(1)',
      ]) {
        const context = await browser.newContext();
        const page = await context.newPage();
        await page.goto(`${address}?return=${encodeURIComponent(evil)}`);
        await page.getByLabel('Your name').fill('Ada');
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.waitForURL((url) => url.href.startsWith(origin));
        expect(new URL(page.url()).origin).toBe(origin);
        await context.close();
      }
    },
  );

  it.runIf(effort === 'full')(
    '[HOOK1] whoever is not signed in is asked for a key and sees nothing',
    async () => {
      const ada = await person('Ada');
      const chat = new URL('/', ada.page.url()).href;
      const stranger = await browser.newContext();
      const page = await stranger.newPage();
      await page.goto(chat);
      await page.getByLabel(/key/i).first().waitFor();
      expect(await page.getByText('What Ada asks').count()).toBe(0);
      await stranger.close();
      await ada.context.close();
    },
  );
});
