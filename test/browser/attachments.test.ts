/**
 * Goal: files go with messages, and nothing that was written or chosen is lost. Method: files are chosen, pasted and
 * dropped on the page, with a reload, an expired key and another person in between; what the model was given and what the
 * server has stored decide.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import { request } from '../processes/baseline-client.ts';
import { answered, openChat, type WatchOptions } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { modelSite } from './model-site.ts';
import { picture } from './site.ts';

/** A red square of 8 by 8 pixels. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC',
  'base64',
);
const bytesMax = 100_000;
const [firstKey, secondKey] = ['the-first-key', 'the-second-key'];

describe.runIf(hasChromium || isCi)('files and drafts, in Chromium', { timeout: 90_000 }, () => {
  const pages = modelSite((_, index) => openAiAnswer({ text: [`Answer number ${index + 1}.`] }), {
    CALLBOARD_FILE_BYTES_MAX: String(bytesMax),
  });
  const locked = modelSite((_, index) => openAiAnswer({ text: [`Answer number ${index + 1}.`] }), {
    CALLBOARD_API_KEYS: `${firstKey},${secondKey}`,
  });

  const open = (options?: WatchOptions) => openChat(pages.browser, `${pages.url}/`, options);
  const attachments = (page: Page) =>
    page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');
  const choose = (page: Page, name: string, mimeType: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer });

  /** Gives the page files as the clipboard, or a drag, would. */
  const give = (page: Page, kind: 'paste' | 'drop', name: string, text: string) =>
    page.evaluate(`{
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(text)}], '${name}', { type: 'text/plain' }));
      const options = { bubbles: true, cancelable: true };
      document.querySelector('#composer').dispatchEvent(
        '${kind}' === 'paste'
          ? new ClipboardEvent('paste', { ...options, clipboardData: data })
          : new DragEvent('drop', { ...options, dataTransfer: data }),
      );
    }`);

  const isShown = (page: Page) =>
    expect.poll(() => page.evaluate(`document.querySelector('.message-files img')?.naturalWidth`)).toBe(8);

  it('[WEB22] sends chosen, pasted and dropped files, shows pictures and saves the others', async () => {
    const { page, faults, close } = await open();
    await page.getByText('Connected').waitFor();
    await choose(page, 'red square.png', 'image/png', png);
    await give(page, 'paste', 'pasted.txt', 'What was pasted');
    await give(page, 'drop', 'dropped.txt', 'What was dropped');
    await give(page, 'drop', 'removed.txt', 'What was removed');
    await expect.poll(() => attachments(page).count()).toBe(4);
    await page.getByRole('button', { name: 'Remove removed.txt' }).click();
    await page.fill('#composer', 'What is in these?');
    await picture(page, 'attachments');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await answered(page);
    await expect.poll(() => attachments(page).count()).toBe(0);
    const told = JSON.stringify(pages.provider.requests.at(-1)?.body);
    for (const part of ['What was pasted', 'What was dropped', png.toString('base64'), 'What is in these?'])
      expect(told).toContain(part);
    expect(told).not.toContain('What was removed');

    await page.reload();
    await isShown(page);
    await picture(page, 'message-files');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: /^pasted\.txt/ }).click();
    expect((await saving).suggestedFilename()).toBe('pasted.txt');
    const id = new URL(page.url()).searchParams.get('session');
    const { body } = await request(pages.url, 'GET', `/chat-sessions/${id}/messages`);
    expect(JSON.stringify(body)).toContain('"name":"red square.png","mediaType":"image/png"');
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB22] says in words that a file is too large, and goes on without it',
    async () => {
      // The browser reports the refusal on the console.
      const { page, close } = await open();
      await page.getByText('Connected').waitFor();
      await choose(page, 'large.bin', 'application/octet-stream', Buffer.alloc(bytesMax + 1));
      await page.getByText('too large').waitFor();
      await page.fill('#composer', 'Without it');
      await picture(page, 'attachment-refused');
      expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Remove large.bin' }).click();
      await page.press('#composer', 'Enter');
      await answered(page);
      await close();
    },
  );

  it.runIf(effort === 'full')('[WEB23] keeps text and files over a reload, and sends them then', async () => {
    const { page, faults, close } = await open();
    await page.getByText('Connected').waitFor();
    await page.fill('#composer', 'Written before');
    await choose(page, 'red square.png', 'image/png', png);
    await expect.poll(() => attachments(page).getByText('bytes').count()).toBe(1);
    await page.reload();
    await expect.poll(() => page.inputValue('#composer')).toBe('Written before');
    await expect.poll(() => attachments(page).count()).toBe(1);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await answered(page);
    await isShown(page);
    await page.reload();
    await isShown(page);
    expect(await page.inputValue('#composer')).toBe('');
    await expect.poll(() => page.locator('.message.user').textContent()).toContain('Written before');
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB23] shows a draft again to whoever wrote it, and to nobody else',
    async () => {
      const { page, close } = await openChat(locked.browser, `${locked.url}/`, { loses: true });
      const signIn = async (key: string) => {
        await page.getByLabel('API key').fill(key);
        await page.keyboard.press('Enter');
        await page.getByText('Connected').waitFor();
      };
      const signOut = async () => {
        await page.evaluate('sessionStorage.removeItem("callboard.key")');
        await page.reload();
      };
      await signIn(firstKey);
      await page.fill('#composer', 'What the first person wrote');
      await choose(page, 'first.txt', 'text/plain', Buffer.from('of the first person'));
      await expect.poll(() => attachments(page).getByText('bytes').count()).toBe(1);
      await signOut();
      await signIn(firstKey);
      await expect.poll(() => page.inputValue('#composer')).toBe('What the first person wrote');
      await expect.poll(() => attachments(page).count()).toBe(1);
      await signOut();
      await signIn(secondKey);
      await page.fill('#composer', 'Of the second person');
      await page.reload();
      await expect.poll(() => page.inputValue('#composer')).toBe('Of the second person');
      await expect.poll(() => attachments(page).count()).toBe(0);
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('first person');
      await close();
    },
  );
});
