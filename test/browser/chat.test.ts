/**
 * Goal: the chat page works for its users, in a real browser against a real server. Method: tests use the page by its
 * roles and names; every test fails on console errors and requests to another server.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { freePort } from '../processes/free-port.ts';
import { startServer, temporaryFolder } from '../processes/server-process.ts';
import { answered, openChat, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { site } from './site.ts';

const key = 'the-right-key';

// Time limits for a busy machine; all of it takes about half a minute.
describe.runIf(hasChromium || isCi)('the chat page in Chromium', { timeout: 90_000 }, () => {
  const pages = site();

  const read = <Value>(page: Page, expression: string): Promise<Value> => page.evaluate(expression);

  it('[WEB5] sends a message, shows the tool call as it goes, and streams the answer', async () => {
    const { page, faults, close } = await pages.open('/');
    await page.getByText('Connected').waitFor();
    // Records every state of the tool call that was shown, however briefly, and every length of the answer.
    await read(
      page,
      `window.statuses = []; window.lengths = []; new MutationObserver(() => {
         const length = document.querySelector('.message.assistant')?.textContent.length;
         if (length !== undefined && length !== lengths.at(-1)) lengths.push(length);
         const status = document.querySelector('.tool-call')?.dataset.status;
         if (status !== undefined && status !== statuses.at(-1)) statuses.push(status);
       }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })`,
    );
    await send(page, 'Tell me [[tool=clock tokens=120 delay=10]]');
    await answered(page);
    expect(await page.locator('.message.assistant').textContent()).toContain('UTC on');
    // A quick call may never be seen running.
    const statuses = await read<string[]>(page, 'statuses');
    expect(statuses).toEqual(['running', 'completed'].slice(-statuses.length));
    const lengths = await read<number[]>(page, 'lengths');
    expect(lengths.length).toBeGreaterThan(2);
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    const call = page.locator('.tool-call');
    expect(await call.locator('summary').textContent()).toMatch(/clock.*Done/);
    await call.locator('summary').click();
    expect(await call.textContent()).toContain('"timeZone":');
    expect(await page.locator('.trace .status').textContent()).toBe('completed');
    // A reload shows the same: nothing was known only from events.
    await page.reload();
    await page.locator('.tool-call[data-status=completed]').waitFor();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Tell me');
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')('[WEB5] stops an answer and keeps its text', async () => {
    const { page, faults, close } = await pages.open('/');
    await send(page, 'Tell me [[tokens=5000 delay=5]]');
    await page.locator('.message.streaming').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('.stop').waitFor({ state: 'detached' });
    const text = await page.locator('.message.assistant').textContent();
    expect(text?.length).toBeGreaterThan(0);
    await send(page, 'And now? [[tokens=3]]');
    await page.locator('.message.assistant').nth(1).waitFor();
    await answered(page);
    expect(await page.locator('.message.assistant').first().textContent()).toBe(text);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB5] goes on through the death and restart of the server, in the middle of an answer',
    async () => {
      const own = await temporaryFolder();
      const args = ['--port', String(await freePort())];
      const first = await startServer({ dataFolder: own.path, args });
      const { page, faults, close } = await openChat(pages.browser, first.url, { loses: true });
      await read(page, 'window.isSamePage = true');
      await send(page, 'Tell me a lot [[tokens=3000 delay=5]]');
      const answer = page.locator('.message.assistant').first();
      await expect
        .poll(async () => (await answer.textContent())?.length, { timeout: 10_000 })
        .toBeGreaterThan(1500);
      await first.end('SIGKILL');
      await page
        .getByText(/Reconnecting|Offline/)
        .first()
        .waitFor();
      const shown = await page.locator('.message.assistant').textContent();
      await send(page, 'Sent while you were away [[tokens=5]]');
      await page.getByText('Sending…').waitFor();
      const second = await startServer({ dataFolder: own.path, args });
      await page.getByText('Connected').waitFor({ timeout: 60_000 });
      await page.locator('.message.assistant').nth(1).waitFor();
      await answered(page);
      expect(await read(page, 'window.isSamePage')).toBe(true);
      const kept = await page.locator('.message.assistant').first().textContent();
      expect(kept?.length).toBeGreaterThan(0);
      expect(shown?.startsWith(kept?.trimEnd() ?? '') || kept?.startsWith(shown ?? '')).toBe(true);
      const id = new URL(page.url()).searchParams.get('session');
      const stored = await request(second.url, 'GET', `/chat-sessions/${id}/messages`);
      const contents = Array.isArray(stored.body)
        ? stored.body.map((message) => textAt(message, 'content'))
        : [];
      expect(contents.filter((content) => content.startsWith('Sent while'))).toHaveLength(1);
      expect(await page.locator('.sending').count()).toBe(0);
      // The first answer is marked as cut off.
      expect(await page.locator('.run-failure').count()).toBe(1);
      expect(faults).toEqual([]);
      await close();
      await second.end();
      await own.remove();
    },
  );

  it.runIf(effort === 'full')('[WEB5] renames, archives and deletes, and sees what others do', async () => {
    const { page, faults, close } = await pages.open('/');
    await send(page, 'To be renamed [[tokens=3]]');
    await answered(page);
    const id = new URL(page.url()).searchParams.get('session');
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Title').fill('A better name');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'A better name' }).waitFor();
    const row = page.getByRole('navigation').getByRole('link', { name: /^A better name/ });
    await row.waitFor();
    // Another client renames it.
    await request(pages.url, 'PATCH', `/chat-sessions/${id}`, { title: 'Named elsewhere' });
    await page.getByRole('heading', { name: 'Named elsewhere' }).waitFor();
    await page.getByRole('button', { name: 'Archive' }).click();
    await page.getByText('Archived (1)').waitFor();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect((await request(pages.url, 'GET', `/chat-sessions/${id}`)).status).toBe(200);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'What would you like to see?' }).waitFor();
    await page.getByText('Archived (1)').waitFor({ state: 'detached' });
    expect((await request(pages.url, 'GET', `/chat-sessions/${id}`)).status).toBe(404);
    // Another client deletes the session that is shown.
    await send(page, 'To be deleted elsewhere [[tokens=3]]');
    await answered(page);
    const other = new URL(page.url()).searchParams.get('session');
    await request(pages.url, 'DELETE', `/chat-sessions/${other}`);
    await page.getByRole('heading', { name: 'This session is gone' }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')('[WEB5] says that a message is too long, and does not lose it', async () => {
    const { page, faults, close } = await pages.open('/');
    await page.fill('#composer', '😀'.repeat(200_001));
    await page.getByText('1 characters too many').waitFor();
    await page.press('#composer', 'Enter');
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    expect((await page.inputValue('#composer')).length).toBe(400_002);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB6] follows the theme of the runtime config, or one of its own',
    async () => {
      const { page, faults, close } = await pages.open('/');
      const theme = () => read<string>(page, 'document.documentElement.dataset.theme');
      const becomes = (name: string) =>
        page.locator(`html[data-theme="${name}"]`).waitFor({ state: 'attached' });
      await becomes('dark');
      for (const name of ['light', 'aurora']) {
        await request(pages.url, 'PATCH', '/config', { theme: name });
        await becomes(name);
      }
      await page.getByLabel('Theme').selectOption('midnight');
      await becomes('midnight');
      await page.reload();
      await page.getByText('Connected').waitFor();
      expect(await theme()).toBe('midnight');
      await page.getByLabel('Theme').selectOption('server');
      await becomes('aurora');
      await request(pages.url, 'PATCH', '/config', { theme: 'dark' });
      await becomes('dark');
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')('[WEB6] fits a phone, where the sessions are a drawer', async () => {
    const { page, faults, close } = await pages.open('/', {
      viewport: { width: 360, height: 640 },
      hasTouch: true,
      isMobile: true,
    });
    await send(
      page,
      'Wide `code_without_any_space_in_it_that_goes_on_and_on_and_on` [[tokens=60 delay=0 tool=clock]]',
    );
    await answered(page);
    expect(await read(page, 'document.documentElement.scrollWidth')).toBe(360);
    const list = page.getByRole('navigation');
    expect(await list.isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Show sessions' }).click();
    await list.waitFor();
    await page.getByRole('button', { name: 'New session' }).click();
    await list.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { name: 'What would you like to see?' }).waitFor();
    expect(await read(page, 'document.documentElement.scrollWidth')).toBe(360);
    expect(faults).toEqual([]);
    await close();
  });

  it('[WEB6] can be used with the keyboard alone', async () => {
    const { page, faults, close } = await pages.open('/');
    await page.getByText('Connected').waitFor();
    const focused = () =>
      read<string>(page, 'document.activeElement?.id || document.activeElement?.ariaLabel');
    expect(await focused()).toBe('composer');
    await page.keyboard.type('First by keyboard [[tokens=3]]');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('with a second line');
    await page.keyboard.press('Enter');
    await answered(page);
    expect(await page.locator('.message.user').textContent()).toContain(']]\nwith a second line');
    await page.keyboard.press('Alt+KeyN');
    await page.getByRole('heading', { name: 'What would you like to see?' }).waitFor();
    await page.keyboard.type('Second by keyboard [[tokens=5000 delay=5]]');
    await page.keyboard.press('Enter');
    await page.locator('.message.streaming').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.stop').waitFor({ state: 'detached' });
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByRole('heading', { level: 1, name: 'First by keyboard' }).waitFor();
    expect(await focused()).toBe('composer');
    // Back from the composer to the rename button; after Escape the focus returns from the dialog to it.
    for (let step = 0; step < 40 && (await focused()) !== 'Rename'; step++)
      await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Rename');
    await page.keyboard.press('/');
    expect(await focused()).toBe('composer');
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    'asks for the key that the server wants, and keeps it as it is told',
    async () => {
      const own = await temporaryFolder();
      const locked = await startServer({ dataFolder: own.path, env: { CALLBOARD_API_KEYS: key } });
      const { page, faults, close } = await openChat(pages.browser, locked.url, { loses: true });
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('API key').fill('wrong');
      await page.keyboard.press('Enter');
      await dialog.getByText('does not know the key').waitFor();
      await dialog.getByLabel('API key').fill(key);
      await dialog.getByLabel(/Keep it on this device/).check();
      await dialog.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Connected').waitFor();
      await send(page, 'What time is it?');
      await answered(page);
      expect(await read(page, 'Object.values(localStorage)')).toContain(key);
      await page.reload();
      await page.locator('.message.assistant').waitFor();
      expect(faults).toEqual([]);
      await close();
      await locked.end();
      await own.remove();
    },
  );

  it.runIf(effort === 'full')('[WEB6] has no serious accessibility fault in any theme', async () => {
    // axe comes into the page as a script, which the page's own policy forbids.
    const { page, close } = await pages.open('/', { bypassCSP: true, reducedMotion: 'reduce' });
    const faultsNow = async () => {
      await read(page, axe.source);
      const found: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } =
        await page.evaluate('axe.run()');
      return found.violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    };
    // Rules are checked for a second or so in each state and theme.
    const themes = ['light', 'dark', 'midnight', 'aurora'];
    const inEveryTheme = async () => {
      for (const theme of themes) {
        await read(page, `document.documentElement.dataset.theme = '${theme}'`);
        expect([theme, await faultsNow()]).toEqual([theme, []]);
      }
    };
    await page.getByText('Connected').waitFor();
    await inEveryTheme();
    await send(page, 'Plan [[think=5 tool=clock tool=nothing tokens=60 delay=0]]');
    await answered(page);
    const id = new URL(page.url()).searchParams.get('session');
    const content =
      '# A\n\n`b` [c](https://d.example) \n\n```ts\nlet e;\n```\n\n| f | g |\n|--|--|\n| 1 | 2 |\n\n> h';
    await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, { role: 'assistant', content });
    await page.getByRole('table').waitFor();
    await send(page, 'Stop early [[finish=length tokens=20 delay=0]]');
    await page.getByText('The answer was cut off').waitFor();
    await send(page, 'Fail [[fail=500]]');
    await page.locator('.run-failure').waitFor();
    await read(page, `for (const it of document.querySelectorAll('details')) it.open = true`);
    await inEveryTheme();
    await page.getByRole('button', { name: 'Delete' }).click();
    await inEveryTheme();
    await close();
  });
});
