/**
 * Goal: very long texts and very many messages keep the chat page from nothing ([WEB30]). Method: they are stored through
 * the API or given to the page; what is in the page, and what is stored in the end, decide. How long it takes is measured
 * by `bench/pages/`.
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

describe.runIf(hasChromium || isCi)('bad input in Chromium', { timeout: 90_000 }, () => {
  const pages = site();

  async function sessionOf(contents: readonly string[], title = 'Very much'): Promise<string> {
    const { body } = await request(pages.url, 'POST', '/chat-sessions', { title });
    const id = textAt(body, 'id');
    for (const text of contents) {
      const said = { role: 'assistant', parts: [{ type: 'text', text }] };
      expect((await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, said)).status).toBe(201);
    }
    return id;
  }

  const paste = (page: Page, text: string) =>
    page.evaluate<'taken' | 'left to the browser'>(`(() => {
      const data = new DataTransfer();
      data.setData('text/plain', ${JSON.stringify(text)});
      const isLeft = document.querySelector('#composer').dispatchEvent(
        new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data }),
      );
      return isLeft ? 'left to the browser' : 'taken';
    })()`);

  it.runIf(effort === 'full')(
    '[WEB30] has the newest of very many messages in the page, and an earlier one when it is sought or asked for',
    async () => {
      const id = await sessionOf(
        Array.from(
          { length: 700 },
          (_, at) => `Message number${at} of many${at === 3 ? ', with a zebra' : ''}`,
        ),
      );
      const { page, faults, close } = await pages.open(`/?session=${id}`);
      const messages = page.locator('.message.assistant');
      await page.getByText('Message number699 of many').waitFor();
      const earlier = page.getByRole('button', { name: 'Earlier messages' });
      await expect.poll(() => earlier.count()).toBe(1);
      const before = await messages.count();
      expect(before).toBeGreaterThanOrEqual(300);
      expect(before).toBeLessThan(350);
      // It follows the newest all the while.
      expect(await page.getByRole('button', { name: 'Latest' }).count()).toBe(0);
      await earlier.focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => messages.count()).toBeGreaterThanOrEqual(before + 100);
      // What is said now takes none of them away.
      await send(page, 'Hello [[tokens=2]]');
      await answered(page);
      expect(await messages.count()).toBeGreaterThan(before + 100);
      await page.keyboard.press('Control+K');
      await page.getByRole('combobox', { name: /^Search/ }).fill('zebra');
      await page.getByRole('option', { name: /zebra/ }).click();
      await page.locator('[data-message].sought').waitFor();
      expect(await page.locator('.sought').textContent()).toContain('Message number3 of many');
      await expect.poll(() => page.getByText('Message number3 of many').isVisible()).toBe(true);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('[WEB30] shows the first rows of an endless table, and more on request', async () => {
    const rows = Array.from({ length: 1200 }, (_, at) => `| row ${at} | b |`);
    await sessionOf([['| a | b |', '|---|---|', ...rows].join('\n'), 'The last message'], 'A long table');
    const { page, faults, close } = await pages.open('/');
    await page.getByRole('link', { name: /A long table/ }).click();
    await page.getByText('The last message').waitFor();
    const shown = page.locator('.wide tbody tr');
    await expect.poll(() => shown.count()).toBe(200);
    for (const rows of [400, 800, 1200]) {
      await page.getByRole('button', { name: 'Show more of 1200 rows' }).click();
      await expect.poll(() => shown.count()).toBe(rows);
    }
    await expect.poll(() => shown.count()).toBe(1200);
    expect(await page.getByRole('cell', { name: 'row 1199' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: /Show more/ }).count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB30] shows all of very long texts in boxes of their own, and of long lists all items',
    async () => {
      const lines = Array.from({ length: 15_000 }, (_, at) => `line ${at}`).join('\n');
      const list = Array.from({ length: 3000 }, (_, at) => `- item ${at}`).join('\n');
      const formulas = '$a^2$ '.repeat(200);
      const id = await sessionOf([lines, list, formulas, 'word'.repeat(50_000), 'The last message']);
      const { page, faults, close } = await pages.open(`/?session=${id}`);
      await page.getByText('The last message').waitFor();
      await expect.poll(() => page.locator('.markdown[aria-busy=true]').count(), { timeout: 20_000 }).toBe(0);
      await expect.poll(() => page.locator('.markdown li').count(), { timeout: 20_000 }).toBe(3000);
      await expect.poll(() => page.locator('math').count(), { timeout: 20_000 }).toBe(200);
      const texts = await page.locator('.message.assistant .markdown').allTextContents();
      const all = texts.join('');
      for (const text of ['line 0', 'line 14999', 'item 2999', 'word'.repeat(3)]) expect(all).toContain(text);
      // The longest box that the browser has to lay out at once.
      const longest = await page.evaluate(
        `Math.max(...[...document.querySelectorAll('.text-piece')].map((piece) => piece.textContent.length))`,
      );
      expect(longest).toBeLessThan(4500);
      await picture(page, 'long-texts');
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB30] makes a file of a very long text that is pasted, and leaves what was typed',
    async () => {
      const { page, faults, close } = await pages.open('/');
      await page.getByText('Connected').waitFor();
      await page.fill('#composer', 'What is in this?');
      await paste(page, 'a short text');
      const files = page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');
      expect(await files.count()).toBe(0);
      const long = 'a\n'.repeat(100_000);
      expect(await paste(page, long)).toBe('taken');
      await expect.poll(() => files.count()).toBe(1);
      expect(await page.inputValue('#composer')).toBe('What is in this?');
      await page.getByText('200 kB').waitFor();
      // No model would be given it as a file; as a message it may be sent.
      expect(await paste(page, 'あ'.repeat(100_000))).toBe('left to the browser');
      expect(await files.count()).toBe(1);
      await page.reload();
      await expect.poll(() => files.count()).toBe(1);
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await answered(page);
      const session = new URL(page.url()).searchParams.get('session');
      const { body } = await request(pages.url, 'GET', `/chat-sessions/${session}/messages`);
      expect(JSON.stringify(body)).toContain('"name":"Pasted text.txt"');
      expect(JSON.stringify(body)).toContain('"bytes":200000');
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB30] keeps a draft of very many lines, emoji and marks, and sends it as it is',
    async () => {
      const { page, faults, close } = await pages.open('/', {
        permissions: ['clipboard-read', 'clipboard-write'],
      });
      await page.getByText('Connected').waitFor();
      const text = `${'😀👩‍👩‍👧‍👦'.repeat(500)}\n${'x\n'.repeat(1500)}\u202eturned ${'a\u0301'.repeat(500)} [[tokens=2]]`;
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.press('#composer', 'Control+V');
      await page.keyboard.type('!');
      await expect
        .poll(() => page.inputValue('#composer').then((value) => value.length))
        .toBe(text.length + 1);
      await page.reload();
      await expect.poll(() => page.inputValue('#composer')).toBe(`${text}!`);
      await page.press('#composer', 'Enter');
      await answered(page);
      const session = new URL(page.url()).searchParams.get('session');
      const { body } = await request(pages.url, 'GET', `/chat-sessions/${session}/messages`);
      const [question] = Array.isArray(body) ? body : [];
      expect(textAt(question, 'content')).toBe(`${text}!`);
      expect(faults).toEqual([]);
      await close();
    },
  );
});
