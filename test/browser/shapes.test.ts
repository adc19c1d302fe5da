/**
 * Goal: both pages fit whoever looks at them ([WEB31]): languages from right to left, twice the size, a phone and a finger,
 * and people who want no motion. Method: the same conversation in each shape; what spills over, what is too small and what
 * moves is measured in Chromium.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { smallTargets, spills } from './accessibility.ts';
import { send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
/** A window of 1440 by 900 at 200 %. */
const zoomed: BrowserContextOptions = { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 };

const arabic = 'ما هي عاصمة مصر؟';
const answer =
  '## العنوان\n\nعاصمة **مصر** هي القاهرة، و`code` يبقى كما هو.\n\n1. أولا\n2. ثانيا\n\n> اقتباس\n\n' +
  '| عمود | Column |\n|---|---|\n| قيمة | value |\n\n```ts\nconst a = 1;\n```\n\nAn English paragraph.';

describe.runIf(hasChromium || isCi)('the pages in every shape, in Chromium', { timeout: 90_000 }, () => {
  const pages = site();
  let id: string;

  beforeAll(async () => {
    const { body } = await request(pages.url, 'POST', '/chat-sessions', { title: arabic });
    id = textAt(body, 'id');
    await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, {
      content: `${arabic} [[tool=clock tokens=5 delay=0]]`,
    });
    const stored = { role: 'assistant', content: answer };
    await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, stored);
  });

  /** Where the text of an element begins: at its left or its right edge. */
  const side = (page: Page, selector: string) =>
    page.evaluate(
      `(() => {
         const it = document.querySelector(${JSON.stringify(selector)});
         const range = document.createRange();
         range.selectNodeContents(it);
         const [text] = range.getClientRects();
         const box = it.getBoundingClientRect();
         return text.left - box.left < box.right - text.right ? 'left' : 'right';
       })()`,
    );

  const opened = async (path: string, options: BrowserContextOptions) => {
    const { page, faults, close } = await pages.open(path, options);
    return {
      page,
      end: async () => {
        expect(faults).toEqual([]);
        await close();
      },
    };
  };

  it('[WEB31] shows each text in its own direction, and nothing spills', async () => {
    const { page, end } = await opened(`/?session=${id}`, { locale: 'ar' });
    await page.getByRole('heading', { name: 'العنوان' }).waitFor();
    expect(await side(page, '.message.assistant:has(h4) h4')).toBe('right');
    expect(await side(page, '.message.assistant:has(h4) blockquote p')).toBe('right');
    expect(
      await side(
        page,
        '.message.assistant:has(h4) > .markdown > div:last-child, .message.assistant:has(h4) > .markdown > p:last-child',
      ),
    ).toBe('left');
    const directions = await page.evaluate(
      `[...document.querySelectorAll('.markdown :is(ol, blockquote, table, pre)')].map((it) => getComputedStyle(it).direction)`,
    );
    expect(directions).toEqual(['rtl', 'rtl', 'rtl', 'ltr']);
    await page.fill('#composer', arabic);
    await picture(page, 'right-to-left');
    expect(await spills(page)).toEqual([]);
    // What is written is stored as it is, and stands in the right order after a reload.
    await page.press('#composer', 'Enter');
    await page.getByRole('article').filter({ hasText: arabic }).nth(1).waitFor();
    await page.reload();
    await page.getByRole('article').filter({ hasText: arabic }).nth(1).waitFor();
    await end();
  });

  it.runIf(effort === 'full').each([
    ['at 200 %', zoomed],
    ['on a phone', phone],
  ] as const)('[WEB31] fits %s, with all that one needs', async (name, shape) => {
    const chat = await opened(`/?session=${id}`, shape);
    await chat.page.getByRole('heading', { name: 'العنوان' }).waitFor();
    expect(await spills(chat.page)).toEqual([]);
    for (const label of ['Show sessions', 'Rename', 'Delete', 'Send']) {
      const button = chat.page.getByRole('button', { name: label, exact: true });
      const box = await button.boundingBox();
      const { width = 0, height = 0 } = chat.page.viewportSize() ?? {};
      const isInside =
        box !== null &&
        box.x >= 0 &&
        box.y >= 0 &&
        box.x + box.width <= width &&
        box.y + box.height <= height;
      expect([label, isInside]).toEqual([label, true]);
    }
    expect(await smallTargets(chat.page)).toEqual([]);
    await picture(chat.page, `chat ${name}`);
    await chat.page.getByRole('button', { name: 'Show sessions' }).click();
    await chat.page
      .getByRole('link', { name: new RegExp(arabic.slice(0, 5)) })
      .first()
      .waitFor();
    expect(await spills(chat.page)).toEqual([]);
    expect(await smallTargets(chat.page)).toEqual([]);
    await picture(chat.page, `sessions ${name}`);
    await chat.end();

    const inspector = await opened(`/inspect?session=${id}`, shape);
    const parts = inspector.page.getByRole('navigation', { name: 'Parts of the page' });
    await parts.getByRole('button', { name: 'Chart' }).click();
    await inspector.page.getByRole('button', { name: 'Rewind' }).waitFor();
    await inspector.page.locator('.chart .state.active').first().waitFor();
    expect(await spills(inspector.page)).toEqual([]);
    expect(await smallTargets(inspector.page)).toEqual([]);
    await picture(inspector.page, `inspect ${name}`);
    await inspector.page.getByRole('button', { name: 'Rewind' }).click();
    await inspector.page.getByText('turn.ended', { exact: true }).first().waitFor();
    await inspector.page.locator('.chart .state.active').first().waitFor();
    expect(await spills(inspector.page)).toEqual([]);
    expect(await smallTargets(inspector.page)).toEqual([]);
    await picture(inspector.page, `recorded ${name}`);
    await inspector.end();
  });

  it.runIf(effort === 'full')(
    '[WEB31] moves nothing for whoever wants no motion, while it answers',
    async () => {
      const running = (page: Page) =>
        page.evaluate(`document.getAnimations().filter(({ playState }) => playState === 'running').length`);
      const moving = await opened('/', {});
      await moving.page.getByText('Connected').waitFor();
      await send(moving.page, 'Tell me much [[tokens=400 delay=10]]');
      await moving.page.locator('.message.streaming').waitFor();
      // Otherwise something does: the check can fail.
      await expect.poll(() => running(moving.page)).toBeGreaterThan(0);
      await moving.end();
      const still = await opened('/', { reducedMotion: 'reduce' });
      await still.page.getByText('Connected').waitFor();
      await send(still.page, 'Tell me much [[think=20 tokens=200 delay=10]]');
      await still.page.locator('.message.streaming').waitFor();
      for (let time = 0; time < 5; time++) expect(await running(still.page)).toBe(0);
      await still.page.goto(`${pages.url}/inspect`);
      await still.page.getByRole('tree').waitFor();
      for (let time = 0; time < 5; time++) expect(await running(still.page)).toBe(0);
      await still.end();
    },
  );
});
