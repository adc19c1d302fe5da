/**
 * Goal: the chat page works with a token where it asks for a key ([TOK2]): narrowed to a session it shows that one alone
 * ([TOK3]), what the token does not allow is not offered ([WEB17]), and when it has ended the page says so and asks again
 * ([AUTH10]). Method: a server with one key, tokens made over
 * REST, and Chromium.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { answered, openChat, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { picture, site, withConfig } from './site.ts';

const key = 'key-of-the-back-end';

describe.runIf(hasChromium || isCi)('the chat page with a token, in Chromium', { timeout: 120_000 }, () => {
  const pages = site({ prepare: withConfig({ apiKeys: [key], tools: { clock: { approval: 'always' } } }) });

  async function post(path: string, body: object): Promise<{ readonly id: string; readonly token: string }> {
    const response = await fetch(`${pages.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return JSON.parse(await response.text());
  }

  const madeToken = async (more: object): Promise<string> =>
    (await post('/tokens', { principal: 'app:ada', scopes: ['chat'], ttlSeconds: 900, ...more })).token;

  /** A browser of its own, on the page that `token` opens. */
  async function signedIn(token: string) {
    const opened = await openChat(pages.browser, pages.url, { loses: true });
    const dialog = opened.page.getByRole('dialog');
    await dialog.getByLabel('API key').fill(token);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    return opened;
  }

  /** The buttons and links whose names are given, as far as the page has them. */
  async function offered(page: Page, names: readonly string[]): Promise<string[]> {
    const found = await Promise.all(
      names.map(async (name) => {
        const count = await page.getByRole('button', { name, exact: true }).count();
        return count + (await page.getByRole('link', { name, exact: true }).count());
      }),
    );
    return names.filter((_, index) => found[index] !== 0);
  }

  const inspecting = 'Inspect this session';
  const changes = ['Rename', 'Close', 'Archive', 'Delete'];
  const deciding = ['Approve', 'Deny'];

  it.runIf(effort === 'full')('[WEB26] says who is signed in and who takes part, and signs out', async () => {
    const { page, faults, close } = await signedIn(await madeToken({ name: 'Ada', scopes: ['chat'] }));
    await page.getByText('Connected').waitFor();
    const list = page.getByRole('navigation', { name: 'Sessions' });
    expect(await list.locator('.who').innerText()).toContain('Ada');
    await send(page, 'Ours [[tokens=3 delay=0]]');
    await answered(page);
    const id = new URL(page.url()).searchParams.get('session');
    await page.evaluate(`(async () => {
      const key = sessionStorage.getItem('callboard.key');
      for (const [id, name, role] of [['app:ada', 'Ada', 'owner'], ['app:bob', 'Bob', 'observer']]) {
        await fetch('/chat-sessions/${id}/participants', { method: 'POST', body: JSON.stringify({ id, name, role }),
          headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' } });
      }
    })()`);
    await page.reload();
    await page.locator('.participants', { hasText: 'Ada, Bob' }).waitFor();
    await picture(page, 'signed-in');
    await list.getByRole('button', { name: 'Sign out' }).click();
    const dialog = page.getByRole('dialog', { name: 'Sign in' });
    await dialog.waitFor();
    await picture(page, 'sign-in');
    expect(await page.getByText('Ours').count()).toBe(0);
    expect(
      await page.evaluate('[...Object.values(sessionStorage), ...Object.values(localStorage)].join()'),
    ).not.toContain('eyJ');
    await page.reload();
    await dialog.waitFor();
    expect(await page.getByText('Ours').count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it('[TOK2] a token in the place of the key works, and is in no address', async () => {
    const { page, faults, close } = await signedIn(await madeToken({}));
    const addresses: string[] = [];
    page.on('request', (request) => void addresses.push(request.url()));
    page.on('websocket', (socket) => void addresses.push(socket.url()));
    await send(page, 'What Ada asks [[tokens=5 delay=0]]');
    await answered(page);
    await picture(page, 'token-chat');
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'What Ada asks' }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).waitFor();
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => /eyJ|token=|apiKey=/i.test(address))).toEqual([]);
    await expect
      .poll(() => offered(page, ['New session', ...changes, inspecting]))
      .toEqual(['New session', ...changes]);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[TOK3] [WEB17] a token for one session shows that one alone, and offers to begin no other',
    async () => {
      const [shown, hidden] = [
        await post('/chat-sessions', { title: 'Shown to Bob' }),
        await post('/chat-sessions', { title: 'Hidden from Bob' }),
      ];
      expect(hidden.id).not.toBe(shown.id);
      const { page, faults, close } = await signedIn(
        await madeToken({ principal: undefined, sessions: [shown.id] }),
      );
      await page.getByText('cannot begin another').waitFor();
      await page.getByText('Shown to Bob').first().waitFor();
      await picture(page, 'token-narrowed');
      expect(await page.getByText('Hidden from Bob').count()).toBe(0);
      expect(await page.locator('#composer').count()).toBe(0);
      expect(await offered(page, ['New session'])).toEqual([]);
      await page.getByText('Shown to Bob').first().click();
      await send(page, 'Said by Bob [[tokens=5 delay=0]]');
      await answered(page);
      await page.keyboard.press('Alt+N');
      expect(await page.locator('.message.assistant').count()).toBe(1);
      await expect.poll(() => offered(page, ['New session', 'Fork from here', ...changes])).toEqual(changes);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB17] a token to read shows everything, offers to change nothing, and says why',
    async () => {
      const { id } = await post('/chat-sessions', { title: 'Read by Carol' });
      const content = 'What time is it? [[tool=clock tokens=3 delay=0]]';
      await post(`/chat-sessions/${id}/messages`, { role: 'user', content });
      const writer = await signedIn(await madeToken({ principal: undefined }));
      await writer.page.getByText('Read by Carol').first().click();
      await writer.page.getByText('May clock run?').waitFor();
      await expect
        .poll(() => offered(writer.page, [...changes, ...deciding]))
        .toEqual([...changes, ...deciding]);
      await writer.close();

      const { page, faults, close } = await signedIn(
        await madeToken({ principal: undefined, scopes: ['read'] }),
      );
      await page.getByText('You are signed in to read').waitFor();
      await picture(page, 'token-read-empty');
      expect(await page.locator('#composer').count()).toBe(0);
      await page.getByText('Read by Carol').first().click();
      await page.getByText('What time is it?').first().waitFor();
      await page.getByText('you cannot write here').waitFor();
      await page.getByText('Waiting for an approval').waitFor();
      expect(await page.locator('#composer').count()).toBe(0);
      const ofMessages = ['Edit', 'Answer again', 'Fork from here'];
      const all = [
        'New session',
        'Skip to the message field',
        ...changes,
        ...deciding,
        ...ofMessages,
        'Stop',
      ];
      expect(await offered(page, [...all, inspecting])).toEqual([]);
      await picture(page, 'token-read');
      await page.keyboard.press('Escape');
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await page.getByRole('dialog').getByText('New session').count()).toBe(0);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[AUTH10] a token that has ended is told, and the page asks again',
    async () => {
      const { page, close } = await signedIn(await madeToken({ ttlSeconds: 10 }));
      await page.getByText('The token has ended').waitFor({ timeout: 60_000 });
      await picture(page, 'token-ended');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('API key').fill(await madeToken({}));
      await dialog.getByRole('button', { name: 'Continue' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.locator('#composer').waitFor();
      await close();
    },
  );
});
