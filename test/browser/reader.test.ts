/**
 * Goal: both pages can be used with a screen reader and the keyboard alone ([WEB6], [VIS6]). Method: everything is found by
 * its role and its name, as such a reader lists them, and nothing is done with a mouse; what is told aloud is recorded.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { faultsInThemes } from './accessibility.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

/** Role and name of what has the focus. */
const focused = (page: Page) =>
  page.evaluate(
    `(() => { const { activeElement: it } = document;
       const named = it.ariaLabel ?? it.labels?.[0]?.textContent ?? it.textContent;
       return it.tagName.toLowerCase() + ' ' + named.trim().slice(0, 40); })()`,
  );

/** Goes on with the key until this has the focus. */
async function reach(page: Page, wanted: string, key = 'Tab'): Promise<void> {
  const met: unknown[] = [];
  for (let step = 0; step < 60; step++) {
    await page.keyboard.press(key);
    const now = await focused(page);
    if (now === wanted) return;
    met.push(now);
  }
  expect.fail(`${key} does not lead to ${wanted}, but to ${met.join(', ')}`);
}

describe.runIf(hasChromium || isCi)('a screen reader in Chromium', { timeout: 90_000 }, () => {
  const pages = site();

  it('[WEB6] asks, hears the answer begin and end, asks again, renames and deletes, by roles, names and keys alone', async () => {
    const { page, faults, close } = await pages.open('/');
    await page.getByText('Connected').waitFor();
    // What is told aloud, in order.
    const told: string[] = [];
    await page.exposeFunction('tell', (text: string) => told.push(text));
    await page.evaluate(`new MutationObserver(() => {
      const text = document.querySelector('[role=log]')?.textContent;
      if (text && text !== globalThis.lastTold) tell(globalThis.lastTold = text);
    }).observe(document.body, { subtree: true, childList: true, characterData: true })`);
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    for (const landmark of ['main', 'navigation'] as const)
      expect(await page.getByRole(landmark).count()).toBe(1);
    await page.evaluate('document.activeElement.blur()');
    await reach(page, 'button Skip to the message field');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('textarea Message');
    await page.keyboard.type('Read to me [[tokens=20 delay=20]]');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    await expect.poll(() => told.at(-1)).toMatch(/^Answer: /);
    expect(told.slice(0, -1)).toEqual(['Answering…']);
    const messages = page.getByRole('article');
    await messages.nth(0).getByRole('heading', { name: 'You' }).waitFor();
    await messages.nth(1).getByRole('heading', { name: 'Assistant' }).waitFor();

    // Edits the question, gives up, and edits it again.
    await reach(page, 'button Edit', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('textarea Edit message');
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe('button Edit');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('textarea Edit message');
    await page.keyboard.type(' once more');
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: 'Versions' }).waitFor();
    await expect.poll(() => told.length).toBe(4);
    await reach(page, 'button Previous version', 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => page.getByRole('group', { name: 'Versions' }).textContent())
      .toContain('Version 1');
    await expect.poll(() => focused(page)).toBe('button Next version');

    // A dialog takes the focus, and gives it back.
    await reach(page, 'button Rename', 'Shift+Tab');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').waitFor();
    await expect.poll(() => focused(page)).toMatch(/^input /);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Read aloud');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('button Rename');
    await page.getByRole('heading', { level: 1, name: 'Read aloud' }).waitFor();
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Read aloud/ })
      .waitFor();

    // The search, and back.
    await page.keyboard.press('Control+K');
    await page.getByRole('dialog', { name: 'Search' }).waitFor();
    await expect.poll(() => focused(page)).toBe('input Search titles and messages');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => focused(page)).toBe('button Rename');

    await reach(page, 'button Delete');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Delete' }).waitFor();
    await reach(page, 'button Delete');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'What would you like to see?' }).waitFor();
    // The focus is where one goes on, not lost.
    await expect.poll(() => focused(page)).toBe('textarea Message');
    const { body } = await request(pages.url, 'GET', '/chat-sessions');
    expect(body).toEqual([]);
    expect(faults).toEqual([]);
    await close();
  });

  it('[VIS6] finds an actor, its events and its steps, by roles, names and keys alone', async () => {
    const created = await request(pages.url, 'POST', '/chat-sessions', { title: 'To be inspected' });
    const id = textAt(created.body, 'id');
    await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, {
      content: 'Time? [[tool=clock tokens=5]]',
    });
    const { page, faults, close } = await pages.open('/inspect');
    await page.getByRole('tree').waitFor();
    await page.getByRole('treeitem', { name: /To be inspected/ }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    await page.getByRole('tree').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.getByRole('treeitem', { selected: true }).count()).toBe(1);
    await page.getByRole('tab', { name: 'Events' }).waitFor();
    await page.getByRole('button', { name: 'Rewind' }).focus();
    await page.keyboard.press('Enter');
    const slider = page.getByRole('slider');
    await slider.waitFor();
    await slider.focus();
    await page.keyboard.press('End');
    await expect.poll(() => slider.inputValue()).not.toBe('0');
    await page.keyboard.press('Home');
    await expect.poll(() => slider.inputValue()).toBe('0');
    await page.getByRole('tab', { name: 'Events' }).focus();
    for (const name of ['Sequence', 'Untaken', 'Context', 'What if']) {
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => page.getByRole('tab', { selected: true }).textContent()).toContain(name);
    }
    await page.getByRole('form', { name: 'What if' }).waitFor();
    await page.getByRole('button', { name: 'Live' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('treeitem', { name: /To be inspected/ }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB6] has no serious fault in what opens: editor, versions, search, files, shortcuts',
    async () => {
      const { page, close } = await pages.open('/', { bypassCSP: true, reducedMotion: 'reduce' });
      await page.getByText('Connected').waitFor();
      await page.locator('input[type=file]').setInputFiles({
        name: 'notes.txt',
        mimeType: 'text/plain',
        buffer: Buffer.from('Notes'),
      });
      await page.getByText('5 bytes').waitFor();
      expect(await faultsInThemes(page)).toEqual([]);
      await page.fill('#composer', 'A question [[tokens=5 delay=0]]');
      await page.press('#composer', 'Enter');
      await page.getByRole('article').nth(1).waitFor();
      await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Edit' }).focus();
      expect(await faultsInThemes(page)).toEqual([]);
      await page.keyboard.press('Enter');
      await page.getByRole('textbox', { name: 'Edit message' }).waitFor();
      expect(await faultsInThemes(page)).toEqual([]);
      await page.keyboard.type('!');
      await page.keyboard.press('Enter');
      await page.getByRole('group', { name: 'Versions' }).waitFor();
      await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Previous version' }).focus();
      expect(await faultsInThemes(page)).toEqual([]);
      await page.keyboard.press('Control+K');
      await page.getByRole('combobox', { name: /^Search/ }).fill('question');
      await page.getByRole('listbox', { name: 'Found sessions' }).getByRole('option').first().waitFor();
      expect(await faultsInThemes(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
      expect(await faultsInThemes(page)).toEqual([]);
      await picture(page, 'shortcuts');
      await close();
    },
  );
});
