/**
 * Goal: in the chat page, answers are stopped, given again and continued in place, and messages wait, as their users
 * mean it. Method: as in `chat.test.ts`; the server's tree of messages is compared with what the page shows.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { answered, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

describe.runIf(hasChromium || isCi)('a conversation in Chromium', { timeout: 90_000 }, () => {
  const pages = site();

  /** The status of every message of the open session, of all branches or of the current one. */
  async function statuses(page: Page, branch: 'all' | 'current'): Promise<string[]> {
    const id = new URL(page.url()).searchParams.get('session');
    const { body } = await request(pages.url, 'GET', `/chat-sessions/${id}/messages?branch=${branch}`);
    return Array.isArray(body) ? body.map((message) => textAt(message, 'status')) : [];
  }

  const shown = (page: Page, role: 'user' | 'assistant') => page.locator(`.message.${role}`).count();

  it.runIf(effort === 'full')(
    '[WEB5] stops the answer that is being given, lets the next message have its turn, and asks again in place',
    async () => {
      const { page, faults, close } = await pages.open('/');
      await send(page, 'Tell me much [[tokens=3000 delay=5]]');
      await page.locator('.message.streaming').waitFor();
      await send(page, 'Then this [[tokens=5]]');
      await send(page, 'And never this [[tokens=5]]');
      const waiting = page.locator('.turn.waiting');
      await expect.poll(() => waiting.count()).toBe(2);
      await waiting.last().getByRole('button', { name: 'Remove' }).click();
      await expect.poll(() => waiting.count()).toBe(1);
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByText('Cancelled', { exact: true }).waitFor();
      await expect.poll(() => shown(page, 'assistant')).toBe(2);
      await answered(page);
      expect(await waiting.count()).toBe(0);
      expect(await statuses(page, 'current')).toEqual(['complete', 'cancelled', 'complete', 'complete']);
      expect(await page.locator('.run-failure').count()).toBe(0);

      await send(page, 'Once more [[tokens=600 delay=5]]');
      await page.locator('.message.streaming').waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('button', { name: 'Ask again' }).click();
      await page.locator('.message.streaming').waitFor();
      await answered(page);
      expect(await page.getByRole('button', { name: 'Ask again' }).count()).toBe(0);
      expect([await shown(page, 'user'), await shown(page, 'assistant')]).toEqual([3, 3]);
      expect((await statuses(page, 'current')).slice(-2)).toEqual(['complete', 'complete']);
      expect(await statuses(page, 'all')).toHaveLength(7);
      await page.reload();
      await page.locator('.message.assistant').nth(2).waitFor();
      expect(await shown(page, 'assistant')).toBe(3);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB15] closes a session for messages while it answers, opens it again, and takes it out of the archive',
    async () => {
      const { page, faults, close } = await pages.open('/');
      await send(page, 'Tell me something [[tokens=600 delay=5]]');
      await page.locator('.message.streaming').waitFor();
      await page.fill('#composer', 'A draft');
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByText('This session is closed').waitFor();
      expect(await page.locator('#composer').count()).toBe(0);
      await page.getByText('Closed', { exact: true }).waitFor();
      // Somebody else is refused, and the answer goes on.
      const id = new URL(page.url()).searchParams.get('session');
      const path = `/chat-sessions/${id}`;
      const sent = await request(pages.url, 'POST', `${path}/messages`, { content: 'Let me in' });
      expect(sent).toMatchObject({ status: 409, body: { message: expect.stringContaining('is closed') } });
      await answered(page);
      expect(await statuses(page, 'all')).toEqual(['complete', 'complete']);
      await page.reload();
      await page.getByRole('button', { name: 'Reopen' }).waitFor();
      await picture(page, 'closed');
      // Others see it at once.
      await request(pages.url, 'POST', `${path}/reopen`);
      await page.locator('#composer').waitFor();
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('button', { name: 'Reopen' }).click();
      await send(page, 'Go on [[tokens=5]]');
      await expect
        .poll(() => statuses(page, 'all'))
        .toEqual(['complete', 'complete', 'complete', 'complete']);

      await page.getByRole('button', { name: 'Archive' }).click();
      await page.getByText('Archived (1)').waitFor();
      await page.getByRole('button', { name: 'Unarchive' }).click();
      await page.getByText('Archived (1)').waitFor({ state: 'detached' });
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB5] shows a failure once, and asks again without asking twice',
    async () => {
      const { page, faults, close } = await pages.open('/');
      await send(page, 'Fail [[fail=500]]');
      await page.locator('.run-failure').waitFor();
      // The live region reads out the fixed sentence; the conversation shows what failed instead.
      expect(await page.locator('.message', { hasText: 'Engine failed to respond' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Ask again' }).click();
      await expect.poll(() => statuses(page, 'all')).toEqual(['complete', 'failed', 'failed']);
      await page.getByRole('button', { name: 'Ask again' }).waitFor();
      expect(await statuses(page, 'current')).toEqual(['complete', 'failed']);
      expect([await shown(page, 'user'), await page.locator('.run-failure').count()]).toEqual([1, 1]);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('[WEB5] lets an answer that was cut off go on in its message, and shows stored reasoning', async () => {
    const { page, faults, close } = await pages.open('/');
    await send(page, 'Think [[think=5 finish=length tokens=20 delay=0]]');
    await page.getByText('The answer was cut off').waitFor();
    await answered(page);
    const before = (await page.locator('.message.assistant').textContent()) ?? '';
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect
      .poll(async () => (await page.locator('.message.assistant').textContent())?.length)
      .toBeGreaterThan(before.length);
    await answered(page);
    expect(await shown(page, 'assistant')).toBe(1);
    const reasoned = await page.locator('.reasoning .plain').textContent();
    expect(reasoned?.length).toBeGreaterThan(5);
    await page.reload();
    await page.locator('.reasoning').waitFor();
    expect(await page.locator('.reasoning .plain').textContent()).toContain(reasoned?.slice(0, 10));
    expect(await page.locator('.reasoning').getAttribute('open')).toBeNull();
    expect(faults).toEqual([]);
    await close();
  });
});
