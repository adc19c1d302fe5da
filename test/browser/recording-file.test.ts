/**
 * Goal: a recording that was saved as a file shows, without a server and without a network, what the inspector shows, and
 * nothing that was said in it can run or be sent. Method: saved by clicks in Chromium, then opened from the disk in a
 * browser that is offline, where any request, dialog and error on the console is a fault.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SessionHistory, sessionHistorySchema } from '../../schema/session-history.ts';
import { recordingParts } from '../../schema/session-recording.ts';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { temporaryFolder } from '../processes/server-process.ts';
import { hasChromium } from './chromium.ts';
import { openRecording } from './recording-page.ts';
import { picture, site } from './site.ts';

const hostile = `</script><script>document.title = 'ran'</script><!-- <img src=x onerror="alert(1)">`;

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

describe.runIf(hasChromium || isCi)('a recording in a file, in Chromium', { timeout: 60_000 }, () => {
  const pages = site();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder?.remove());

  const historyOf = async (id: string) =>
    sessionHistorySchema.parse(
      (await request(pages.url, 'GET', `/inspect/sessions/${id}/history?limit=500`)).body,
    );

  async function ended(content: string): Promise<{ readonly id: string; readonly history: SessionHistory }> {
    const created = await request(pages.url, 'POST', '/chat-sessions', { title: `Saved ${hostile}` });
    const id = textAt(created.body, 'id');
    await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, { content });
    let history = await historyOf(id);
    while (!history.steps.some(({ event }) => event === 'turn.ended')) history = await historyOf(id);
    return { id, history };
  }

  /** As a script fetches it. */
  async function fetched(id: string): Promise<string> {
    return await (await fetch(`${pages.url}/inspect/sessions/${id}/recording`)).text();
  }

  async function inFolder(name: string, text: string): Promise<string> {
    const path = join(folder.path, name);
    await writeFile(path, text);
    return path;
  }

  const openFile = (path: string, fragment = '', options: BrowserContextOptions = {}) =>
    openRecording(pages.browser, path, fragment, options);

  const isAt = async (page: Page, { seq, event }: { readonly seq: number; readonly event: string }) => {
    await page.locator('.timeline .seq').getByText(`#${seq}`, { exact: true }).waitFor();
    await page.getByText('Reading').waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toContain(`seq=${seq}`);
    // Dots are followed by a place where the line may break.
    expect((await page.locator('.timeline .step b').textContent())?.replaceAll('\u200B', '')).toBe(event);
  };

  it('[VIS11] is saved by a click that says what it holds, and shows the same without a server', async () => {
    const { id, history } = await ended(`Time? ${hostile} [[tool=clock tokens=5 delay=0]]`);
    const { page, faults, close } = await pages.open(`/inspect?session=${id}&seq=0`, {
      viewport: { width: 1440, height: 900 },
    });
    page.setDefaultTimeout(10_000);
    const save = page.getByRole('button', { name: 'Save as a file' });
    await save.click();
    const dialog = page.getByRole('dialog', { name: 'Save this recording as a file?' });
    await dialog.getByText('The file holds the whole conversation in plain text').waitFor();
    await picture(page, 'inspect-save-recording');
    // Nothing is written before somebody has agreed.
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await save.click();
    const downloaded = page.waitForEvent('download', { timeout: 30_000 });
    await dialog.getByRole('button', { name: 'Save' }).click();
    const download = await downloaded;
    expect(download.suggestedFilename()).toMatch(/^callboard-Saved .*\.html$/);
    const path = join(folder.path, 'saved.html');
    await download.saveAs(path);
    await dialog.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await close();

    const steps = history.steps;
    const opened = await openFile(path, '', { viewport: { width: 1440, height: 900 } });
    const file = opened.page;
    const [first, last] = [steps[0], steps.at(-1)];
    const asking = steps.find(({ actors }) =>
      actors.some(({ states }) => states.includes('modelCall.calling.requesting')),
    );
    if (first === undefined || last === undefined || asking === undefined) throw new Error('no steps');
    await file.locator('.place').getByText(`1 / ${steps.length}`).waitFor();
    await file.getByText('Saved').first().waitFor();
    expect(await file.title()).toContain(hostile);
    for (const step of steps) {
      await file.keyboard.press(step === first ? 'Home' : 'ArrowRight');
      await isAt(file, step);
    }
    await file.keyboard.press('Home');
    await isAt(file, first);
    await file.keyboard.press('End');
    await isAt(file, last);
    await file.getByRole('slider', { name: 'Step' }).fill(String(steps.indexOf(asking)));
    await isAt(file, asking);
    await file.reload();
    await isAt(file, asking);
    await file.getByRole('treeitem').filter({ hasText: 'turn' }).first().click();
    await file.locator('.chart [data-state="modelCall.calling.requesting"].active').waitFor();
    await file.getByRole('tab', { name: 'Context' }).click();
    await file.locator('.json ins').first().waitFor();
    const shown = asking.actors.find(({ kind }) => kind === 'turn')?.context ?? '';
    expect(await file.locator('.json').textContent()).toContain(JSON.parse(shown).promptId);
    await file.getByRole('tab', { name: 'Sequence' }).click();
    await file.locator('#tab-panel svg').first().waitFor();
    await file.getByRole('tab', { name: 'Events' }).click();
    await file.locator('#tab-panel').getByText('message.created').first().waitFor();
    await picture(file, 'inspect-recording-file');
    await file.getByRole('tab', { name: 'What if' }).click();
    const form = file.getByRole('form', { name: 'What if' });
    await form.getByLabel('What if…').selectOption({ label: 'The model call fails' });
    await form.getByRole('button', { name: 'Let it happen' }).click();
    await file.locator('.chart [data-state="modelCall.waitingToRetry"].active').waitFor();
    await file.getByText('Hypothetical, 1 move').waitFor();
    await file.getByRole('button', { name: 'Back to the recording' }).click();
    // Nothing here leads to a server.
    for (const name of ['Live', 'Recorded', 'Rewind', 'Save as a file'])
      expect(await file.getByRole('button', { name, exact: true }).count()).toBe(0);
    expect(await file.getByRole('link').count()).toBe(0);
    expect(await file.locator('img').count()).toBe(0);
    expect(opened.faults).toEqual([]);
    await opened.close();
  });

  it.runIf(effort === 'full')(
    '[VIS11] runs nothing that was put into it, and sends nothing anywhere',
    async () => {
      let heard = 0;
      const listener = createServer((_, response) => {
        heard++;
        response.end();
      }).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const host = `127.0.0.1:${portOf(listener)}`;
      const { id } = await ended('Hello [[tokens=5 delay=0]]');
      const text = await fetched(id);
      const put = `<script>document.title = 'ran'</script><img src="http://${host}/x.png">
        <a href="#" id="put" onclick="document.title = 'ran'">put</a><style>body { display: none }</style>`;
      const { page, faults, close } = await openFile(
        await inFolder('changed.html', text.replace('<noscript>', `${put}<noscript>`)),
        '',
        { offline: false },
      );
      await page.locator('.timeline .step b').waitFor();
      expect(await page.title()).not.toBe('ran');
      const tried = await page.evaluate<readonly string[]>(`Promise.all([
        () => fetch('http://${host}/'),
        () => new Promise((_, reject) => {
          new WebSocket('ws://${host}/').onerror = () => reject(new Error('no socket'));
        }),
        () => import('data:text/javascript,1'),
        () => { document.body.innerHTML = '<b>put</b>'; },
        () => new Worker('data:text/javascript,1'),
      ].map(async (run) => { try { await run(); return 'done'; } catch (error) { return error.name; } }))`);
      expect(tried).not.toContain('done');
      // The policy refused each, which is on the console.
      expect(faults.filter((one) => one.includes('Content Security Policy')).length).toBeGreaterThan(3);
      await close();
      expect(heard).toBe(0);
      await new Promise((resolve) => listener.close(resolve));
    },
  );

  it.runIf(effort === 'full')('[VIS11] says what is broken in it, and shows the rest', async () => {
    const { id, history } = await ended('Hello [[tokens=5 delay=0]]');
    const text = await fetched(id);
    const broken = text.replace(/^\{"seq":(\d+),"event":\{"type":"turn\.started".*$/m, '{"seq":$1, oops');
    expect(broken).not.toBe(text);
    const one = await openFile(await inFolder('broken.html', broken), '#seq=999999');
    await one.page.getByRole('alert').getByText('1 event of this file cannot be read').waitFor();
    const count = history.steps.length;
    await one.page
      .locator('.place')
      .getByText(`${count - 1} / ${count - 1}`)
      .waitFor();
    expect(one.faults).toEqual([]);
    await one.close();

    const data = text.indexOf(`data-part="${recordingParts.events}"`);
    const middle = data + Math.floor((text.length - data) / 2);
    const cut = await openFile(await inFolder('cut.html', text.slice(0, middle)));
    await cut.page.getByRole('alert').getByText('This file was cut off').waitFor();
    await cut.page.locator('.timeline .step b').waitFor();
    expect(cut.faults).toEqual([]);
    await cut.close();

    const headless = await openFile(
      await inFolder('headless.html', text.replace(/(id="recording-head">)[^<]*/, '$1?')),
    );
    await headless.page.getByText('This file is damaged').waitFor();
    expect(headless.faults).toEqual([]);
    await headless.close();
  });

  it.runIf(effort === 'full').each([
    ['light', 1440],
    ['dark', 1440],
    ['dark', 390],
  ] as const)('[VIS11] can be read and used in %s, %i pixels wide', async (colorScheme, width) => {
    const { id, history } = await ended('Time? [[tool=clock tokens=5 delay=0]]');
    const { page, close } = await openFile(
      await inFolder(`${colorScheme}-${width}.html`, await fetched(id)),
      `#seq=${history.steps.at(-3)?.seq}`,
      // axe comes into the page as a script, which the file's own policy forbids.
      { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce', bypassCSP: true },
    );
    await page.locator('.timeline .step b').waitFor();
    await page.evaluate(axe.source);
    const parts = width > 800 ? ['Actors'] : ['Actors', 'Chart', 'Events'];
    for (const part of parts) {
      if (width < 800) await page.getByRole('button', { name: part, exact: true }).click();
      if (part !== 'Events')
        await page.locator('.chart .state.active').first().waitFor({ state: 'attached' });
      await picture(page, `inspect-recording-file-${colorScheme}-${width}-${part}`);
      const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id: rule, nodes }) => [part, rule, nodes[0]?.html])).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
    }
    await close();
  });

  it.runIf(effort === 'full')('[VIS11] is not saved when the server cannot write it to its end', async () => {
    const { id } = await ended('Hello [[tokens=5 delay=0]]');
    const { page, close } = await pages.open(`/inspect?session=${id}&seq=0`, { loses: true });
    page.setDefaultTimeout(10_000);
    await page.route('**/recording', (route) => route.abort('connectionreset'));
    let downloads = 0;
    page.on('download', () => {
      downloads++;
    });
    await page.getByRole('button', { name: 'Save as a file' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('The server does not answer').waitFor();
    expect(downloads).toBe(0);
    await close();
  });
});
