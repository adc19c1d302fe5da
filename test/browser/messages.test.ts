/**
 * Goal: what people do with a message of a chat works on the page: copy, edit, ask again with another model, go between
 * versions, fork. Method: each button is pressed, by pointer or by key, and the result is read from the server and seen
 * again after a reload.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { answered, openChat, send, type WatchOptions } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { modelSite } from './model-site.ts';
import { picture } from './site.ts';

describe.runIf(hasChromium || isCi)('the buttons under a message, in Chromium', { timeout: 90_000 }, () => {
  const pages = modelSite((_, index) => openAiAnswer({ text: [`Answer number ${index + 1}.`] }));

  const open = (options?: WatchOptions) => openChat(pages.browser, `${pages.url}/`, options);

  async function stored(page: Page, branch: 'all' | 'current'): Promise<readonly (readonly string[])[]> {
    const id = new URL(page.url()).searchParams.get('session');
    const { body } = await request(pages.url, 'GET', `/chat-sessions/${id}/messages?branch=${branch}`);
    return Array.isArray(body)
      ? body.map((message) => [textAt(message, 'role'), textAt(message, 'content')])
      : [];
  }

  const turn = (page: Page, text: string) => page.locator('.turn', { hasText: text });
  const answer = (page: Page, number: number) =>
    page.locator('.message.assistant', { hasText: `Answer number ${number}.` });
  const opacity = (shown: Locator) =>
    shown.evaluate((it) => it.computedStyleMap().get('opacity')?.toString());
  const lastModel = () => textAt(pages.provider.requests.at(-1)?.body, 'model');

  it('[WEB21] edits a question, asks again with another model, and goes back to each version', async () => {
    const { page, faults, close } = await open();
    await send(page, 'What is a quay?');
    await answered(page);
    const question = turn(page, 'What is a quay?');
    await question.hover();
    await question.getByRole('button', { name: 'Edit' }).click();
    const field = page.getByRole('textbox', { name: 'Edit message' });
    await expect.poll(() => field.evaluate((it) => it.matches(':focus'))).toBe(true);
    // Escape leaves everything as it was, and the focus where it came from.
    await field.fill('Never sent');
    await page.keyboard.press('Escape');
    const edit = question.getByRole('button', { name: 'Edit' });
    await expect.poll(() => edit.evaluate((it) => it.matches(':focus'))).toBe(true);
    await page.keyboard.press('Enter');
    expect(await field.inputValue()).toBe('What is a quay?');
    await field.fill('What is a pier?');
    await page.keyboard.press('Enter');
    await turn(page, 'What is a pier?').waitFor();
    await answered(page);
    await expect.poll(() => turn(page, 'What is a quay?').count()).toBe(0);
    await expect.poll(async () => (await stored(page, 'all')).length).toBe(4);

    const last = page.locator('.turn.assistant').last();
    await last.hover();
    await last.getByRole('button', { name: 'Answer again…' }).click();
    await picture(page, 'model-menu');
    await page.getByRole('menuitem', { name: 'Local: large' }).click();
    await answer(page, 3).waitFor();
    await answered(page);
    expect(lastModel()).toBe('large');

    await page.reload();
    await answer(page, 3).waitFor();
    const versions = (text: string) => turn(page, text).getByRole('group', { name: 'Versions' });
    await versions('What is a pier?').waitFor();
    await expect.poll(() => versions('What is a pier?').textContent()).toBe('VersionsVersion 2/ of 2');
    await picture(page, 'versions');
    await versions('Answer number 3.').getByRole('button', { name: 'Previous version' }).click();
    await answer(page, 2).waitFor();
    // The button that was pressed is gone with the message; its successor has the focus.
    await expect.poll(() => page.evaluate('document.activeElement?.ariaLabel')).toBe('Next version');
    await versions('What is a pier?').getByRole('button', { name: 'Previous version' }).click();
    await answer(page, 1).waitFor();
    await page.reload();
    await answer(page, 1).waitFor();
    expect(await stored(page, 'current')).toEqual([
      ['user', 'What is a quay?'],
      ['assistant', 'Answer number 1.'],
    ]);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB21] copies the text of a message, and forks the conversation',
    async () => {
      const { page, faults, close } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
      await send(page, 'To be forked');
      await answered(page);
      await send(page, 'Left behind');
      await expect.poll(() => page.locator('.turn.assistant').count()).toBe(2);
      await answered(page);
      const before = page.url();
      const first = page.locator('.turn.assistant').first();
      const text = (await first.locator('.markdown').textContent()) ?? '';
      await first.hover();
      await first.getByRole('button', { name: 'Copy' }).click();
      await first.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(text);
      await first.getByRole('button', { name: 'Fork from here' }).click();
      await expect.poll(() => page.url()).not.toBe(before);
      await turn(page, 'To be forked').waitFor();
      await expect.poll(() => turn(page, 'Left behind').count()).toBe(0);
      await page.reload();
      await turn(page, 'To be forked').waitFor();
      expect(await stored(page, 'all')).toEqual([
        ['user', 'To be forked'],
        ['assistant', text],
      ]);
      await page.goto(before);
      await turn(page, 'Left behind').waitFor();
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB21] shows the buttons on touch, and to whoever uses the keyboard',
    async () => {
      const phone = await open({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true });
      await send(phone.page, 'By touch');
      await answered(phone.page);
      const bar = phone.page.locator('.turn.user .tools');
      expect(await opacity(bar)).toBe('1');
      expect(await phone.page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      await phone.page.getByRole('button', { name: 'Answer again…' }).tap();
      await phone.page.getByRole('menuitem', { name: 'Local: large' }).waitFor();
      await picture(phone.page, 'message-phone');
      await phone.page.getByRole('menuitem', { name: 'Local: large' }).tap();
      await phone.page.getByRole('group', { name: 'Versions' }).waitFor();
      expect(phone.faults).toEqual([]);
      await phone.close();

      const { page, faults, close } = await open();
      await send(page, 'By keyboard');
      await answered(page);
      const tools = page.locator('.turn.assistant .tools');
      await page.mouse.move(0, 0);
      await expect.poll(() => opacity(tools)).toBe('0');
      const focused = () => page.evaluate('document.activeElement?.ariaLabel');
      for (let step = 0; step < 20 && (await focused()) !== 'Answer again…'; step++)
        await page.keyboard.press('Shift+Tab');
      await expect.poll(() => opacity(tools)).toBe('1');
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem').first().waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Escape');
      await page.getByRole('menu').waitFor({ state: 'detached' });
      expect(await focused()).toBe('Answer again…');
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem').first().waitFor();
      await page.keyboard.press('End');
      await page.keyboard.press('Enter');
      await page.getByRole('group', { name: 'Versions' }).waitFor();
      await answered(page);
      expect(lastModel()).toBe('large');
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')('[WEB23] keeps an edit that was not sent, also over a reload', async () => {
    const { page, faults, close } = await open();
    await send(page, 'To be edited');
    await answered(page);
    await page.locator('.turn.user').hover();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Edit message' }).fill('Edited, not sent');
    await page.reload();
    const field = page.getByRole('textbox', { name: 'Edit message' });
    await expect.poll(() => field.inputValue()).toBe('Edited, not sent');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await turn(page, 'To be edited').waitFor();
    await page.reload();
    await turn(page, 'To be edited').waitFor();
    await expect.poll(() => field.count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });
});
