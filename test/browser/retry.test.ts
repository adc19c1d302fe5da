/**
 * Goal: a person who waits for a busy model sees that, and when it is asked again. Method: a provider that refuses the
 * first calls; the page is read before and after a reload, and its live region is recorded.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { describe, expect, it } from 'vitest';
import { isCi } from '../effort.ts';
import { openAiAnswer, openAiError } from '../fakes/providers/openai-stream.ts';
import { answered, openChat, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { modelSite } from './model-site.ts';
import { picture } from './site.ts';

describe.runIf(hasChromium || isCi)('a busy model, in Chromium', { timeout: 90_000 }, () => {
  const pages = modelSite((_, index) =>
    index < 2
      ? openAiError(429, 'Too many requests', { 'retry-after': '4' })
      : openAiAnswer({ text: ['Here it is.'] }),
  );

  it('[WEB24] counts down to the next attempt, also after a reload, and reads it out once', async () => {
    const { page, faults, close } = await openChat(pages.browser, `${pages.url}/`);
    await page.getByText('Connected').waitFor();
    await page.evaluate(`
      window.heard = [];
      window.shown = new Set();
      new MutationObserver(() => {
        const words = document.querySelector('[role=log]')?.textContent ?? '';
        if (words !== heard.at(-1)) heard.push(words);
        const retry = document.querySelector('.retry')?.textContent;
        if (retry) shown.add(retry);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    `);
    await send(page, 'Are you there?');
    await page.getByText(/^Busy, trying again in \d+ s, attempt 2 of 4$/).waitFor();
    await picture(page, 'retry');
    await page.getByText(/^Busy, trying again in \d+ s, attempt 3 of 4$/).waitFor();
    const shown = await page.evaluate<string[]>('[...shown]');
    expect(shown.filter((words) => words.endsWith('attempt 2 of 4')).length).toBeGreaterThan(1);
    const heard = await page.evaluate<string[]>('heard');
    expect(heard.filter((words) => words.endsWith('attempt 2 of 4'))).toHaveLength(1);
    await page.reload();
    await page
      .getByText(/attempt 3 of 4/)
      .first()
      .waitFor();
    await page.getByText('Here it is.').first().waitFor();
    await answered(page);
    await expect.poll(() => page.locator('.retry').count()).toBe(0);
    await page.reload();
    await page.locator('.message.assistant').waitFor();
    await expect.poll(() => page.locator('.retry').count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });
});
