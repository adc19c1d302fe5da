/**
 * Goal: the inspector works for its users, in a real browser against a real server. Method: tests use the page by its
 * roles and names; every test fails on console errors and requests to another server.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import axe from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { machineCharts } from '../../machines/charts.ts';
import { sessionHistorySchema } from '../../schema/session-history.ts';
import { chartOf } from '../../src/web/inspect/chart/chart.ts';
import { chartMermaid } from '../../src/web/inspect/chart/chart-mermaid.ts';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { startServer, temporaryFolder } from '../processes/server-process.ts';
import { openChat } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { inspector } from './inspector.ts';
import { site } from './site.ts';

describe.runIf(hasChromium || isCi)('the inspector in Chromium', { timeout: 40_000 }, () => {
  const pages = site();

  const { asked, open } = inspector(pages);
  const row = (page: Page, text: string): Locator => page.getByRole('treeitem').filter({ hasText: text });
  const ofKind = (page: Page, kind: string): Locator =>
    page.getByRole('treeitem').filter({ has: page.locator('.kind', { hasText: new RegExp(`^${kind}$`) }) });
  const lit = (page: Page): Promise<(string | null)[]> =>
    page
      .locator('.chart .state.active')
      .evaluateAll((all) => all.map((state) => state.getAttribute('data-state')));

  it('[VIS1] shows a running turn: its statechart lit, what may come next, and what was said to whom', async () => {
    const id = await asked('A running turn', 'Tell me [[tokens=4000 delay=20 think=5]]');
    const { page, faults, close } = await open();
    await row(page, 'A running turn').click();
    expect(new URL(page.url()).searchParams.get('session')).toBe(id);
    await page.locator('.chart [data-state="open.activity.responding"].active').waitFor();
    await page.getByRole('tree').press('ArrowDown');
    await page.locator('.chart [data-state="modelCall.calling.streaming"].active').waitFor();
    expect(await lit(page)).toEqual(['modelCall', 'modelCall.calling', 'modelCall.calling.streaming']);
    await page.getByRole('tab', { name: 'Next' }).click();
    await page.getByRole('tabpanel').getByText('engine.finished [hasAnswer]').waitFor();
    await page.getByRole('tab', { name: 'Context' }).click();
    await page.getByRole('tabpanel').getByText('"step": 1').waitFor();
    await page.getByRole('tab', { name: 'Sequence' }).click();
    await page.getByLabel('pieces of text').check();
    await page
      .getByRole('listbox', { name: 'Messages' })
      .locator('.what', { hasText: 'message.delta' })
      .first()
      .waitFor();
    await request(pages.url, 'POST', `/chat-sessions/${id}/cancel`, {});
    // The turn has ended, and is still shown with its end.
    await page.locator('.chart [data-state="cancelled"].active').waitFor();
    expect(await page.locator('.chart .edge.taken').getAttribute('data-transitions')).toContain(
      'turn.cancel',
    );
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[VIS1] shows a tool call go through its states, and the frames that it became',
    async () => {
      const { page, faults, close } = await open();
      const created = await request(pages.url, 'POST', '/chat-sessions', { title: 'A tool call' });
      const id = textAt(created.body, 'id');
      await row(page, 'A tool call').click();
      await page.locator('.chart [data-state="open.activity.idle"].active').waitFor();
      const content = 'Tell me [[tool=clock tokens=60 delay=200 think=3]]';
      await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, { content });
      await ofKind(page, 'tool call').click();
      await page.locator('.chart [data-state="completed"].active').waitFor();
      expect(await page.locator('.chart .edge.taken').getAttribute('data-transitions')).toContain(
        'tool.completed',
      );
      const events = page.getByRole('listbox', { name: 'Events' });
      await page.getByLabel('this actor only').check();
      const heard = await events.locator('.entry').allTextContents();
      const places = ['toolCall', 'tool.call', 'tool.completed', 'tool.result'].map((word) =>
        heard.findIndex((text) => text.includes(word)),
      );
      expect(places).not.toContain(-1);
      await events.getByText('tool.result').first().click();
      const detail = page.getByRole('region', { name: 'Event' });
      expect(await detail.textContent()).toContain('v1/tools');
      expect(await detail.textContent()).toContain('"event":"tool.result"');
      await request(pages.url, 'POST', `/chat-sessions/${id}/cancel`, {});
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[VIS2] goes back through a finished session step by step, and a link leads to the step again',
    async () => {
      const id = await asked('A finished session', 'Time? [[tool=clock tokens=5 delay=0]]');
      const { page, faults, close } = await open(`?session=${id}`);
      await row(page, 'A finished session').filter({ hasText: 'idle' }).waitFor();
      await page.getByRole('button', { name: 'Rewind' }).click();
      await page
        .locator('.timeline .place')
        .getByText(/^\d+ \/ \d+$/)
        .waitFor();
      const slider = page.getByRole('slider', { name: 'Step' });
      await slider.focus();
      // The step at which the turn began its tool calls, and could have failed instead.
      const { steps } = sessionHistorySchema.parse(
        (await request(pages.url, 'GET', `/inspect/sessions/${id}/history`)).body,
      );
      const wanted = steps.find(
        ({ actors, untaken }) =>
          actors.some(({ states }) => states.includes('runningTools')) &&
          untaken.some(({ transitions }) => transitions.some((taken) => taken.includes(':engine.failed:'))),
      );
      const number = page.locator('.timeline .seq');
      for (let left = steps.length; left > 0 && (await number.textContent()) !== `#${wanted?.seq}`; left--) {
        await page.keyboard.press('ArrowLeft');
      }
      expect(await number.textContent()).toBe(`#${wanted?.seq}`);
      await ofKind(page, 'turn').first().click();
      // A worker lays out the chart, so it appears a little later.
      await page.locator('.chart [data-state="runningTools"].active').waitFor();
      expect(await lit(page)).toEqual(['runningTools']);
      await page.getByRole('tab', { name: 'Untaken' }).click();
      await page.getByRole('tabpanel').getByText('engine.failed [mayRetry]').waitFor();
      expect(await page.locator('.chart .edge.possible').count()).toBeGreaterThan(0);
      const address = page.url();
      await page.reload();
      await page.locator('.chart [data-state="runningTools"].active').waitFor();
      expect(await number.textContent()).toBe(`#${wanted?.seq}`);
      expect(page.url()).toBe(address);
      await page.getByRole('button', { name: 'Play' }).click();
      await page.locator('.chart [data-state="completed"].active').waitFor();
      await page.getByRole('button', { name: 'Live' }).click();
      await page.getByRole('button', { name: 'Rewind' }).waitFor();
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[VIS3] saves a chart as SVG and as Mermaid, which its own parser reads',
    async () => {
      const id = await asked('An export', 'Tell me [[tokens=4000 delay=20]]');
      const { page, faults, close } = await open(`?session=${id}`);
      await ofKind(page, 'turn').first().click();
      await page.locator('.chart [data-state="modelCall.calling.streaming"].active').waitFor();
      const saved = async (name: string) => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name, exact: true }).click(),
        ]);
        return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
      };
      const svg = await saved('SVG');
      const mermaid = await saved('Mermaid');
      expect([svg.name, mermaid.name]).toEqual(['turn.svg', 'turn.mmd']);
      expect(svg.text).not.toMatch(/var\(--|url\((?!#)|href=/);
      const judge = await pages.browser.newPage();
      const drawn = await judge.evaluate(
        `(() => {
        const { documentElement } = new DOMParser().parseFromString(${JSON.stringify(svg.text)}, 'image/svg+xml');
        return [documentElement.localName, documentElement.querySelectorAll('.state.active').length];
      })()`,
      );
      expect(drawn).toEqual(['svg', 3]);
      await judge.addScriptTag({ path: createRequire(import.meta.url).resolve('@mermaid-js/tiny') });
      // Each takes the parser a good part of a second.
      const machines = machineCharts();
      const charts = machines.map((machine) => chartMermaid(chartOf(machine)));
      for (const text of [mermaid.text, ...charts]) {
        const drawing = await judge.evaluate(
          `mermaid.render('chart', ${JSON.stringify(text)}).then(({ svg }) => svg)`,
        );
        expect(drawing).toContain('<svg');
      }
      expect(mermaid.text).toContain('class modelCall_calling_streaming active');
      await request(pages.url, 'POST', `/chat-sessions/${id}/cancel`, {});
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[VIS4] gives an order only when it is confirmed, and offers what has an effect',
    async () => {
      const id = await asked('To be stopped', 'Tell me [[tokens=4000 delay=20]]');
      const { page, faults, close } = await open(`?session=${id}`);
      const stop = page.getByRole('button', { name: 'Stop the answer' });
      await stop.click();
      await page.getByRole('dialog').getByText(`POST /chat-sessions/${id}/cancel`).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await stop.isEnabled()).toBe(true);
      await stop.click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop the answer' }).click();
      await page.locator('.chart [data-state="open.activity.idle"].active').waitFor();
      await expect.poll(() => stop.isDisabled()).toBe(true);
      const stored = await request(pages.url, 'GET', `/chat-sessions/${id}/messages`);
      expect(stored.body).toHaveLength(2);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[VIS5] filters the tree by text, kind, state and time, and says when nothing is left',
    async () => {
      const ids = await Promise.all(
        ['First', 'Second'].map((title) => asked(title, 'Tell me [[tokens=4000 delay=20]]')),
      );
      const { page, faults, close } = await open();
      await row(page, 'First').waitFor();
      await page.getByLabel('Search actors').fill('second');
      await row(page, 'First').waitFor({ state: 'detached' });
      expect(await row(page, 'Second').count()).toBe(1);
      await page.getByLabel('Search actors').fill('');
      await page.getByLabel('Kind').first().selectOption('trace');
      await ofKind(page, 'answer').first().waitFor({ state: 'detached' });
      expect(await ofKind(page, 'trace').count()).toBe(2);
      await page.getByLabel('Time in its state').selectOption('600000');
      await page.getByText('No actor matches the filter.').waitFor();
      await page.getByRole('button', { name: 'Reset' }).click();
      await ofKind(page, 'answer').first().waitFor();
      for (const id of ids) await request(pages.url, 'DELETE', `/chat-sessions/${id}`);
      await row(page, 'Second').waitFor({ state: 'detached' });
      expect(faults).toEqual([]);
      await close();
    },
  );

  // Nine states are judged in each, three of them in every theme, for half a second each.
  it.runIf(effort === 'full').each([
    ['wide', 'light', undefined],
    ['narrow', 'dark', { width: 390, height: 780 }],
  ] as const)(
    '[VIS6] has no fault that keeps people out, live and in the past, %s',
    async (_, theme, viewport) => {
      const id = await asked('For everybody', 'Time? [[tool=clock tokens=5 delay=0]]');
      await asked('One that fails', 'Fail [[fail=500]]');
      const { page, close } = await open('', {
        bypassCSP: true,
        colorScheme: theme,
        // Or a colour is judged on its way from one theme to the next.
        reducedMotion: 'reduce',
        ...(viewport === undefined ? {} : { viewport }),
      });
      await page.evaluate(axe.source);
      const judged = async (what: string) => {
        const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id: rule, nodes }) => [what, rule, nodes[0]?.html])).toEqual([]);
      };
      const judgedInEachTheme = async (what: string) => {
        const own = await page.evaluate<string>('document.documentElement.dataset.theme');
        for (const name of ['light', 'dark', 'midnight', 'aurora', own]) {
          await page.evaluate(`document.documentElement.dataset.theme = ${JSON.stringify(name)}`);
          if (name !== own) await judged(`${what} in ${name}`);
        }
        await judged(what);
      };
      await page.locator('.troubles').waitFor();
      await judgedInEachTheme('tree');
      await row(page, 'For everybody').click();
      const parts = page.getByRole('navigation', { name: 'Parts of the page' });
      if (viewport !== undefined) await parts.getByRole('button', { name: 'Chart' }).click();
      await page.locator('.chart .state.active').first().waitFor();
      await judged('chart');
      await page.getByRole('button', { name: 'Rewind' }).click();
      await page.locator('.timeline .step b').waitFor();
      if (viewport !== undefined) await parts.getByRole('button', { name: 'Events' }).click();
      for (const tab of ['Events', 'Sequence', 'Untaken', 'Context', 'What if']) {
        await page.getByRole('tab', { name: tab }).click();
        if (tab === 'What if') await page.getByRole('form', { name: tab }).waitFor();
        await (tab === 'What if' ? judgedInEachTheme(tab) : judged(tab));
      }
      await page.getByRole('button', { name: 'Recorded' }).click();
      await page.getByRole('listbox', { name: 'Stored sessions' }).getByRole('option').first().waitFor();
      await judgedInEachTheme('sessions');
      await close();
      await request(pages.url, 'DELETE', `/chat-sessions/${id}`);
    },
  );

  it.runIf(effort === 'full')(
    '[VIS7] asks for the key of a server with keys, and for another when that one may not inspect',
    async () => {
      const folder = await temporaryFolder();
      const locked = await startServer({
        dataFolder: folder.path,
        env: { CALLBOARD_API_KEYS: 'a-plain-key', CALLBOARD_INSPECT_KEYS: 'an-inspect-key' },
      });
      const { page, close } = await openChat(pages.browser, `${locked.url}/inspect`);
      const dialog = page.getByRole('dialog');
      for (const key of ['wrong', 'a-plain-key', 'an-inspect-key']) {
        await dialog.getByLabel('API key').fill(key);
        await dialog.getByRole('button', { name: 'Continue' }).click();
        if (key === 'wrong') await dialog.getByText('does not know the key').waitFor();
        if (key === 'a-plain-key') await dialog.getByText('does not let you inspect').waitFor();
      }
      await dialog.waitFor({ state: 'detached' });
      await page.getByRole('treeitem').filter({ hasText: 'config' }).waitFor();
      await page.reload();
      await page.getByRole('treeitem').filter({ hasText: 'config' }).waitFor();
      await close();
      await locked.end();
      await folder.remove();
    },
  );
});
