/**
 * Goal: people who share a session see who wrote what ([WEB27]), and what their roles allow ([WEB28]). Method: a server with
 * a key, with which a back end makes tokens for people; each has a browser of its own, reloads, and REST says what is stored.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { answered, openChat, send, type WatchOptions } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { picture, site, withConfig } from './site.ts';

const key = 'key-of-the-back-end';
const ask = (words: string) => `${words} [[tokens=3 delay=0]]`;

type Role = 'owner' | 'agent' | 'observer';

describe.runIf(hasChromium || isCi)('a shared session, in Chromium', { timeout: 120_000 }, () => {
  const pages = site({ prepare: withConfig({ apiKeys: [key] }) });

  /** By the back end, in somebody's name. */
  async function request(as: string, method: string, path: string, body?: object) {
    const response = await fetch(`${pages.url}${path}`, {
      method,
      headers: { 'x-api-key': key, 'content-type': 'application/json', 'x-callboard-act-as': as },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status).toBeLessThan(300);
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  }

  async function person(id: string, name: string | undefined, session = '', options: WatchOptions = {}) {
    const response = await fetch(`${pages.url}/tokens`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ principal: id, name, scopes: ['chat'], ttlSeconds: 900 }),
    });
    const { token } = JSON.parse(await response.text());
    const opened = await openChat(pages.browser, `${pages.url}/${session}`, { loses: true, ...options });
    const dialog = opened.page.getByRole('dialog');
    await dialog.getByLabel('API key').fill(token);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    // On a phone it is beside the page.
    await opened.page.getByText('Connected').waitFor({ state: 'attached' });
    return opened;
  }

  const sessionOf = (page: Page) => new URL(page.url()).searchParams.get('session') ?? '';

  const withRole = (session: string, id: string, role: Role) =>
    request('app:ada', 'POST', `/chat-sessions/${session}/participants`, { id, role });

  /** Of each question, whom the page names above it. */
  const named = (page: Page) => page.locator('.message.user h2:not(.unseen)').allInnerTexts();

  it('[WEB27] says who wrote what, to both of two people, also after a reload', async () => {
    const ada = await person('app:ada', 'Ada');
    await send(ada.page, ask('What Ada asks'));
    await answered(ada.page);
    const session = sessionOf(ada.page);
    expect(await named(ada.page)).toEqual([]);

    const bob = await person('app:bob', 'Bob');
    await withRole(session, 'app:bob', 'agent');
    // Without a reload: the session is in the list, and its owner is not alone any more.
    await bob.page.getByRole('navigation').getByText('What Ada asks').first().click();
    await expect.poll(() => named(bob.page)).toEqual(['“Ada”']);
    await expect.poll(() => named(ada.page)).toEqual(['You']);
    await send(bob.page, ask('What Bob asks'));
    await answered(bob.page);
    for (const reloaded of [false, true]) {
      if (reloaded) await Promise.all([ada.page.reload(), bob.page.reload()]);
      await expect.poll(() => named(ada.page)).toEqual(['You', '“Bob”']);
      await expect.poll(() => named(bob.page)).toEqual(['“Ada”', 'You']);
    }
    expect(await ada.page.locator('.message.user .other-name').getAttribute('title')).toBe('app:bob');
    // A screen reader hears the names as headings.
    expect(await ada.page.getByRole('heading', { name: '“Bob”' }).count()).toBe(1);
    await picture(ada.page, 'shared-ada');
    await picture(bob.page, 'shared-bob');
    const stored = await request('app:ada', 'GET', `/chat-sessions/${session}/messages`);
    expect(stored.map(({ author }: { readonly author?: object }) => author)).toEqual([
      { id: 'app:ada', name: 'Ada' },
      undefined,
      { id: 'app:bob', name: 'Bob' },
      undefined,
    ]);
    expect([...ada.faults, ...bob.faults]).toEqual([]);
    await ada.close();
    await bob.close();
  });

  it.runIf(effort === 'full')('[WEB27] no name breaks the page or passes for that of the user', async () => {
    const ada = await person('app:ada', 'Ada');
    await send(ada.page, ask('Names'));
    await answered(ada.page);
    const session = sessionOf(ada.page);
    const people = [
      ['app:you', 'You'],
      ['app:long', 'W'.repeat(120)],
      ['app:bidi', '\u202e\u2066olleh\u202e"> <b>You</b>'],
      ['app:unseen', '\u200b\u2060'],
      ['app:lines', 'You\n\n\u0301\u0301\u0301You'],
    ] as const;
    for (const [id, name] of people) {
      await withRole(session, id, 'agent');
      const other = await person(id, name, `?session=${session}`);
      await send(other.page, ask(`By ${id}`));
      await answered(other.page);
      await other.close();
    }
    await ada.page.reload();
    await expect.poll(async () => (await named(ada.page)).length).toBe(people.length + 1);
    const names = await named(ada.page);
    expect(names[0]).toBe('You');
    expect(names[1]).toBe('“You”');
    expect(names[4]).toBe('“unseen”');
    expect(await ada.page.locator('.message b').count()).toBe(0);
    for (const width of [1280, 360]) {
      await ada.page.setViewportSize({ width, height: 800 });
      await picture(ada.page, `shared-names-${width}`);
      const boxes = await ada.page
        .locator('.message.user h2')
        .evaluateAll((all) => all.map((one) => [one.getBoundingClientRect(), one.textContent]));
      const heights = new Set(boxes.map(([box]) => Math.round(Object(box).height)));
      expect([...heights]).toHaveLength(1);
      expect(await ada.page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
        width,
      );
      const scroller = 'document.querySelector(".scroller")';
      expect(await ada.page.evaluate(`${scroller}.scrollWidth <= ${scroller}.clientWidth`)).toBe(true);
    }
    expect(ada.faults).toEqual([]);
    await ada.close();
  });

  it.runIf(effort === 'full')(
    '[WEB6] [WEB27] has no serious accessibility fault in any theme, on a phone, too',
    async () => {
      const { id: session } = await request('app:ada', 'POST', '/chat-sessions', { title: 'In every theme' });
      const messages = `/chat-sessions/${session}/messages`;
      await withRole(session, 'app:bob', 'observer');
      await request('app:ada', 'POST', messages, { content: ask('By Ada') });
      // axe comes into the page as a script, which the page's own policy forbids.
      const phone = { viewport: { width: 360, height: 640 }, isMobile: true };
      const options = { bypassCSP: true, reducedMotion: 'reduce', ...phone } as const;
      const reader = await person('app:bob', 'Bob', `?session=${session}`, options);
      const writer = await person('app:ada', 'Ada', `?session=${session}`, options);
      await send(writer.page, ask('By Ada again'));
      await answered(writer.page);
      await reader.page.getByText('By Ada again').first().waitFor();
      for (const { page } of [reader, writer]) {
        await page.evaluate(axe.source);
        for (const theme of ['light', 'dark', 'midnight', 'aurora']) {
          await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
          const found = await page.evaluate<axe.AxeResults>('axe.run()');
          const serious = found.violations.filter(
            ({ impact }) => impact === 'serious' || impact === 'critical',
          );
          expect(serious.map(({ id, nodes }) => [theme, id, nodes.map(({ html }) => html)])).toEqual([]);
          await picture(page, `shared-${page === reader.page ? 'reader' : 'writer'}-${theme}`);
        }
      }
      await reader.close();
      await writer.close();
    },
  );

  it('[WEB28] an observer reads; another role, and the end of the part, show at once', async () => {
    const { id: session } = await request('app:ada', 'POST', '/chat-sessions', { title: 'Observed' });
    await request('app:ada', 'POST', `/chat-sessions/${session}/messages`, { content: ask('Hello') });
    await withRole(session, 'app:bob', 'observer');
    const { page, faults, close } = await person('app:bob', 'Bob', `?session=${session}`);
    const composer = page.locator('#composer');
    const readOnly = page.getByText('You may read this conversation');
    const change = (role: Role) =>
      request('app:ada', 'PATCH', `/chat-sessions/${session}/participants/app%3Abob`, { role });
    const button = (name: string) => page.getByRole('button', { name, exact: true }).count();

    await readOnly.waitFor();
    await page.getByText('Hello').first().waitFor();
    expect(await composer.count()).toBe(0);
    expect([await button('Edit'), await button('Rename'), await button('Delete')]).toEqual([0, 0, 0]);
    await picture(page, 'shared-observer');

    await change('agent');
    await composer.waitFor();
    expect(await readOnly.count()).toBe(0);
    // Who takes part writes; the session itself is its owner's.
    expect([await button('Rename'), await button('Delete')]).toEqual([0, 0]);
    await page.fill('#composer', 'Half a sent');
    await change('observer');
    await readOnly.waitFor();
    expect(await composer.count()).toBe(0);
    await change('owner');
    await composer.waitFor();
    expect(await composer.inputValue()).toBe('Half a sent');
    expect([await button('Rename'), await button('Delete')]).toEqual([1, 1]);
    await send(page, ask('A whole sentence'));
    await answered(page);
    await page.reload();
    await page.getByText('A whole sentence').first().waitFor();
    await composer.waitFor();

    await withRole(session, 'app:carol', 'owner');
    await request('app:ada', 'DELETE', `/chat-sessions/${session}/participants/app%3Abob`);
    await page.getByText('This session is gone').waitFor();
    expect(await composer.count()).toBe(0);
    await expect.poll(() => page.getByRole('navigation').getByText('Observed').count()).toBe(0);
    expect(faults.filter((fault) => !fault.includes('404'))).toEqual([]);
    await close();
  });
});
