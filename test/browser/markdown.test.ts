/**
 * Goal: Markdown of answers, good and bad, is shown in a real browser as [WEB4] says, under the page's own policy ([WEB2]).
 * Method: answers are stored through the API, and the page is asked what it made of them, before and after a reload.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

const code = '```ts\nconst answer: number = 42; // a comment\n```';

describe.runIf(hasChromium || isCi)('Markdown in Chromium', { timeout: 90_000 }, () => {
  const pages = site();

  async function sessionWith(...contents: readonly string[]): Promise<string> {
    const { body } = await request(pages.url, 'POST', '/chat-sessions', { title: 'Markdown' });
    const id = textAt(body, 'id');
    for (const content of contents) {
      // Longer texts than `content` may be are sent as parts.
      const said = [...content].length > 4000 ? { parts: [{ type: 'text', text: content }] } : { content };
      const stored = await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, {
        role: 'assistant',
        ...said,
      });
      expect(stored.status).toBe(201);
    }
    return id;
  }

  const within = (page: Page, selector: string) => page.locator(`.message.assistant ${selector}`);

  it('[WEB4] shows formulas, coloured code, tasks and footnotes as elements, and loads what they need only then', async () => {
    const id = await sessionWith(
      `Euler: $e^{i\\pi}+1=0$, and it costs $5 or $6.\n\n$$\n\\int_0^1 x^2\\,dx = \\frac{1}{3}\n$$\n\n${code}\n\n` +
        '- [x] done\n- [ ] to do\n\nSee[^1].\n\n[^1]: The *note*.\n\n![a picture](https://pictures.example/a.png)',
    );
    const { page, faults, close } = await pages.open('/');
    await page.getByText('Connected').waitFor();
    const loaded: string[] = [];
    page.on('request', (sent) => loaded.push(sent.url()));
    const names = (part: string) => loaded.filter((url) => url.includes(part));
    expect(names('math-elements')).toEqual([]);
    await page.goto(`${pages.url}/?session=${id}`);
    for (let time = 0; time < 2; time++) {
      await within(page, 'math').nth(1).waitFor();
      await expect.poll(() => within(page, 'math mfrac').count()).toBe(1);
      await expect.poll(() => within(page, '.math code').count()).toBe(0);
      await expect.poll(() => within(page, 'p').first().textContent()).toContain('it costs $5 or $6.');
      await within(page, '.code-keyword').first().waitFor();
      await expect
        .poll(() => within(page, 'pre').textContent())
        .toBe('const answer: number = 42; // a comment');
      await expect.poll(() => within(page, '.code-comment').textContent()).toBe('// a comment');
      expect(await page.getByRole('checkbox', { name: 'Done' }).isChecked()).toBe(true);
      expect(await page.getByRole('checkbox', { name: 'To do' }).isChecked()).toBe(false);
      // A picture is a link: nothing is asked of another server, which would be a fault.
      await expect.poll(() => page.locator('main img').count()).toBe(0);
      expect(await page.getByRole('link', { name: 'picture: a picture' }).getAttribute('href')).toBe(
        'https://pictures.example/a.png',
      );
      await page.getByRole('button', { name: 'Footnote 1' }).click();
      expect(await page.evaluate('document.activeElement.textContent')).toBe('1 The note.');
      await picture(page, `markdown-${time}`);
      if (time === 0) await page.reload();
    }
    // After the reload it comes from the browser's cache.
    expect(new Set(names('math-elements')).size).toBe(1);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')('[WEB4] scrolls a wide table instead of breaking its words', async () => {
    const columns = Array.from({ length: 12 }, (_, at) => `Column${at}Name`);
    const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
    const id = await sessionWith(
      [row(columns), row(columns.map(() => '---')), row(columns.map(() => 'internationalization'))].join(
        '\n',
      ),
    );
    for (const width of [1280, 360]) {
      const { page, faults, close } = await pages.open(`/?session=${id}`, {
        viewport: { width, height: 640 },
      });
      const table = page.getByRole('region', { name: 'Table' });
      await table.waitFor();
      const sizes: { inner: number; outer: number; page: number; rowHeight: number } = await page.evaluate(
        `(() => { const it = document.querySelector('.wide');
           return { inner: it.scrollWidth, outer: it.clientWidth, page: document.documentElement.scrollWidth,
             rowHeight: it.querySelector('td').getBoundingClientRect().height }; })()`,
      );
      expect(sizes.inner).toBeGreaterThan(sizes.outer);
      expect(sizes.page).toBe(width);
      expect(sizes.rowHeight).toBeLessThan(50);
      await table.focus();
      await page.keyboard.press('ArrowRight');
      await expect.poll(() => page.evaluate(`document.querySelector('.wide').scrollLeft`)).toBeGreaterThan(0);
      await picture(page, `table-${width}`);
      expect(faults).toEqual([]);
      await close();
    }
  });

  it.runIf(effort === 'full')(
    '[WEB4] shows what nests, repeats or cannot be read, in time, and the messages around it',
    async () => {
      const long = (unit: string) => unit.repeat(Math.floor(190_000 / unit.length));
      const id = await sessionWith(
        'The first message',
        `${'>'.repeat(1000)} deep`,
        `${'- '.repeat(1000)}deeper`,
        `$${'{'.repeat(900)}$ and $\\frac$`,
        `$${'\\sqrt{'.repeat(250)}x${'}'.repeat(250)}$`,
        long('**a '),
        long('a@'),
        long('* b\n'),
        `\`\`\`js\n${'((((('.repeat(600)}\n\`\`\``,
        '<img src=x onerror=alert(1)><script>alert(2)</script>',
        'The last message',
      );
      const { page, faults, close } = await pages.open('/');
      await page.getByText('Connected').waitFor();
      await page.evaluate(`window.longest = 0;
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
        }).observe({ type: 'longtask' })`);
      await page
        .getByRole('navigation')
        .getByRole('link', { name: /^Markdown/ })
        .first()
        .click();
      await within(page, '').first().waitFor();
      await page.getByText('The last message').waitFor();
      for (const text of ['The first message', 'deep', 'deeper', '\\frac', '<img src=x onerror=alert(1)>']) {
        expect([text, (await page.locator('.thread').textContent())?.includes(text)]).toEqual([text, true]);
      }
      await expect.poll(() => page.locator('main img, main script').count()).toBe(0);
      await expect.poll(() => page.locator('main blockquote').count()).toBeLessThanOrEqual(24);
      const longest: number = await page.evaluate('longest');
      if (process.env['SCREENSHOTS'] !== undefined) process.stderr.write(`longest task: ${longest} ms\n`);
      expect(longest).toBeLessThan(3000);
      expect(id).not.toBe('');
      await page.reload();
      await page.getByText('The last message').waitFor();
      expect(faults).toEqual([]);
      await close();
    },
  );
});
