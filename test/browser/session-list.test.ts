/**
 * Goal: a person finds a session, and sees which one waits, in the side list of the chat page ([WEB25]–[WEB19]). Method: real
 * servers and Chromium; every stored result is read again after a reload.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { answered, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

describe.runIf(hasChromium || isCi)('the side list in Chromium', { timeout: 90_000 }, () => {
  const pages = site();

  async function session(title: string, content?: string): Promise<string> {
    const { body } = await request(pages.url, 'POST', '/chat-sessions', { title });
    const id = textAt(body, 'id');
    const said = { role: 'assistant', content };
    if (content !== undefined) await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, said);
    return id;
  }

  it('[WEB18] finds sessions and messages with Ctrl K, by the keyboard alone', async () => {
    await session('Bread', 'Leave the sourdough overnight.');
    const wanted = await session('Cakes', 'A sourdough is no cake.');
    for (let index = 0; index < 3; index++) await session(`Other ${index}`, 'Nothing of it');
    const { page, faults, close } = await pages.open('/');
    await page.getByText('Connected').waitFor();
    const loaded: string[] = [];
    page.on('request', (sent) => loaded.push(sent.url()));
    await page.keyboard.press('Control+KeyK');
    const field = page.getByRole('combobox', { name: 'Search titles and messages' });
    await field.waitFor();
    expect(loaded.some((url) => url.includes('search-dialog'))).toBe(true);
    await page.keyboard.type('sourd');
    const options = page.getByRole('listbox', { name: 'Found sessions' }).getByRole('option');
    await expect.poll(() => options.count()).toBe(4);
    await picture(page, 'search');
    const texts = await options.allTextContents();
    const at = texts.findIndex((text) => text.includes('A sourdough is no cake.'));
    for (let step = 0; step < at; step++) await page.keyboard.press('ArrowDown');
    await expect
      .poll(() => page.locator('.found [aria-selected=true]').textContent())
      .toBe('A sourdough is no cake.');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Cakes' }).waitFor();
    await page.locator('.turn.sought').getByText('A sourdough is no cake.').waitFor();
    expect(new URL(page.url()).searchParams.get('session')).toBe(wanted);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Cakes' }).waitFor();
    // Nothing is found; Escape closes it.
    await page.keyboard.press('Control+KeyK');
    await field.fill('zzzz');
    await page.getByText('Nothing has “zzzz”.').waitFor();
    await page.keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')('[WEB25] keeps long and turned titles inside, whole on hover', async () => {
    const long = 'W'.repeat(120);
    await session(long);
    await session('\u202eturned \u2067around');
    const { page, faults, close } = await pages.open('/');
    const list = page.getByRole('navigation', { name: 'Sessions' });
    await list.getByRole('region', { name: 'Today' }).waitFor();
    await list.getByRole('link', { name: long }).waitFor();
    const spill: number = await page.evaluate(
      `Math.max(...[...document.querySelectorAll('.lists, .session-row')].map((it) =>
         it.getBoundingClientRect().right - document.querySelector('.sidebar').getBoundingClientRect().right))`,
    );
    expect(spill).toBeLessThanOrEqual(0);
    expect(
      await page.evaluate(`document.querySelector('.lists').scrollWidth <=
      document.querySelector('.lists').clientWidth`),
    ).toBe(true);
    const row = list.getByRole('link', { name: long });
    expect(await row.getAttribute('title')).toBe(long);
    await expect.poll(() => row.locator('time').isVisible()).toBe(true);
    await expect.poll(() => list.getByText('turned around').count()).toBe(1);
    await picture(page, 'list-titles');
    await list.getByText('turned around').click();
    await page.getByRole('heading', { level: 1, name: 'turned around', exact: true }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB25] says that a session is closed, and takes one out of the archive',
    async () => {
      const closed = await session('A closed one');
      await request(pages.url, 'POST', `/chat-sessions/${closed}/close`);
      const archived = await session('An archived one');
      await request(pages.url, 'PATCH', `/chat-sessions/${archived}/archive`);
      const { page, faults, close } = await pages.open('/');
      const list = page.getByRole('navigation', { name: 'Sessions' });
      await list.getByRole('link', { name: /^A closed one closed/ }).waitFor();
      await list.getByText('Archived (1)').click();
      await list.getByRole('button', { name: 'Take An archived one out of the archive' }).click();
      await list.getByText('Archived (1)').waitFor({ state: 'detached' });
      await page.reload();
      await list
        .getByRole('region', { name: 'Today' })
        .getByRole('link', { name: /^An archived one/ })
        .waitFor();
      const stored = await request(pages.url, 'GET', `/chat-sessions/${archived}`);
      expect(stored.body).toMatchObject({ status: 'active' });
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')('[WEB25] tells in the tab which session is answering', async () => {
    const { page, faults, close } = await pages.open('/');
    await expect.poll(() => page.title()).toBe('New session – Callboard');
    await send(page, 'A long one [[tokens=3000 delay=5]]');
    await expect.poll(() => page.title()).toBe('Answering: A long one – Callboard');
    await page.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(() => page.title()).toBe('A long one – Callboard');
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')('[WEB19] begins a session with instructions of its own', async () => {
    const { page, faults, close } = await pages.open('/');
    await page.getByText('Instructions for the model').click();
    await page.getByLabel(/What it should know/).fill('Answer in rhymes.');
    await send(page, 'Rhyme [[tokens=3]]');
    await answered(page);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Rhyme' }).waitFor();
    const id = new URL(page.url()).searchParams.get('session');
    const { body } = await request(pages.url, 'GET', `/chat-sessions/${id}`);
    expect(body).toMatchObject({ options: { systemPrompt: 'Answer in rhymes.' } });
    // The next one begins without them.
    await page.getByRole('button', { name: 'New session' }).click();
    await page.getByText('Instructions for the model').click();
    expect(await page.getByLabel(/What it should know/).inputValue()).toBe('');
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[WEB20] says a failure once, in words for people, and the rest in details',
    async () => {
      const { page, faults, close } = await pages.open('/');
      await send(page, 'Fail [[fail=500]]');
      for (let time = 0; time < 2; time++) {
        await page.locator('.run-failure').waitFor();
        const shown = await page.locator('.thread').innerText();
        expect(shown).not.toMatch(/engine\.run|error/i);
        await expect.poll(() => page.locator('.run-failure').count()).toBe(1);
        await page.locator('.trace summary').click();
        expect(await page.locator('.thread').innerText()).toContain('engine.run');
        await picture(page, 'failure');
        if (time === 0) await page.reload();
      }
      expect(faults).toEqual([]);
      await close();
    },
  );
});
