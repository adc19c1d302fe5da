/**
 * Goal: recordings can be found, opened at any step, however long they are, and read. Method: the inspector in Chromium
 * against a real server, used by roles and names.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, Response } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type SessionHistory, sessionHistorySchema } from '../../schema/session-history.ts';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { temporaryFolder } from '../processes/server-process.ts';
import { hasChromium } from './chromium.ts';
import { inspector } from './inspector.ts';
import { openRecording } from './recording-page.ts';
import { picture, site } from './site.ts';

/** Whether the beginning of the innermost active state can be seen in the chart's frame. */
const isLitSeen = `(() => {
  const inner = [...document.querySelectorAll('.chart .state.active')].at(-1);
  const frame = document.querySelector('.chart-frame').getBoundingClientRect();
  const { left, top } = inner.getBoundingClientRect();
  return left + 10 > frame.left && left + 10 < frame.right && top + 10 > frame.top && top + 10 < frame.bottom;
})()`;
const stepsIn = async (response: Response) => sessionHistorySchema.parse(await response.json()).steps.length;

/** In pixels of the screen. */
const smallestText = `Math.min(...[...document.querySelectorAll('.chart text')].map(
  (text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a,
))`;

describe.runIf(hasChromium || isCi)('recordings in Chromium', { timeout: 40_000 }, () => {
  const pages = site();

  const { asked, open } = inspector(pages);
  const ofKind = (page: Page, kind: string) =>
    page.getByRole('treeitem').filter({ has: page.locator('.kind', { hasText: new RegExp(`^${kind}$`) }) });

  /** The same session as a file, which replays it in the page. */
  const isShownFromFile = async (id: string, { count, first, last }: SessionHistory['events']) => {
    const folder = await temporaryFolder();
    const path = join(folder.path, 'long.html');
    const recording = await fetch(`${pages.url}/inspect/sessions/${id}/recording`);
    await writeFile(path, await recording.text());
    const { page, faults, close } = await openRecording(pages.browser, path, `#seq=${last}`);
    const seq = page.locator('.timeline .seq');
    await page.locator('.timeline .place').getByText(`${count} / ${count}`).waitFor();
    await seq.getByText(`#${last}`, { exact: true }).waitFor();
    await page.keyboard.press('Home');
    await seq.getByText(`#${first}`, { exact: true }).waitFor();
    for (const key of ['End', 'PageUp', 'PageUp']) await page.keyboard.press(key);
    await page
      .locator('.timeline .place')
      .getByText(`${count - 20} / ${count}`)
      .waitFor();
    await page.getByText('Reading').waitFor({ state: 'detached' });
    await page.getByRole('treeitem').first().waitFor();
    expect(faults).toEqual([]);
    await close();
    await folder.remove();
  };

  it.runIf(effort === 'full')(
    '[VIS9] [VIS11] opens a link to the last of 2,000 steps at once, and goes to its ends and anywhere between',
    { timeout: 150_000 },
    async () => {
      const created = await request(pages.url, 'POST', '/chat-sessions', { title: 'A long session' });
      const id = textAt(created.body, 'id');
      const count = async () =>
        sessionHistorySchema.parse(
          (await request(pages.url, 'GET', `/inspect/sessions/${id}/history?around=999999999&limit=1`)).body,
        );
      let last = await count();
      while (last.events.count < 2086) {
        const content = 'Time? [[tool=clock tokens=5 delay=0]]';
        for (let sent = 0; sent < 8; sent++)
          await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, { content });
        for (let left = 100; left > 0; left--) {
          last = await count();
          if (last.steps[0]?.actors[0]?.states.includes('open.activity.idle') === true) break;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
      const total = last.events.count;
      const { page, faults, close } = await open(`?session=${id}&seq=${last.events.last}`);
      const place = page.locator('.timeline .place');
      await place.getByText(`${total} / ${total}`).waitFor();
      // Again, with everything in the browser's cache: what is left is the journal. How long that takes is printed and
      // not asserted, since others use the machine; what makes it quick is that few steps are read.
      const read: Promise<number>[] = [];
      page.on('response', (response) => {
        if (new URL(response.url()).pathname.endsWith('/history')) read.push(stepsIn(response));
      });
      const begun = performance.now();
      await page.reload();
      await page.locator('.timeline .seq').getByText(`#${last.events.last}`).waitFor();
      await page.getByRole('treeitem').first().waitFor();
      const took = Math.round(performance.now() - begun);
      const steps = await Promise.all(read);
      process.stdout.write(`the last of ${total} steps is there after ${took} ms, ${steps} were read\n`);
      expect(steps).toHaveLength(1);
      expect(steps[0]).toBeLessThanOrEqual(60);
      await page.keyboard.press('Home');
      await page.locator('.timeline .seq').getByText(`#${last.events.first}`).waitFor();
      await page.keyboard.press('End');
      await page.locator('.timeline .seq').getByText(`#${last.events.last}`).waitFor();
      await page.keyboard.press('ArrowLeft');
      await place.getByText(`${total - 1} / ${total}`).waitFor();
      await page.getByRole('slider', { name: 'Step' }).fill('1000');
      await place.getByText(`1001 / ${total}`).waitFor();
      await page.getByText('Reading').waitFor({ state: 'detached' });
      const seq = await page.locator('.timeline .seq').textContent();
      expect(new URL(page.url()).searchParams.get('seq')).toBe(seq?.slice(1));
      await page.reload();
      await place.getByText(`1001 / ${total}`).waitFor();
      await expect.poll(() => page.locator('.timeline .seq').textContent()).toBe(seq);
      expect(faults).toEqual([]);
      await close();
      await isShownFromFile(id, last.events);
    },
  );

  it.runIf(effort === 'full')(
    '[VIS9] shows a chart so large that it can be read, and what a step changed in the context',
    async () => {
      const id = await asked('To be read', 'Time? [[tool=clock tokens=5 delay=0]]');
      const { page, faults, close } = await open(`?session=${id}&seq=0`, {
        viewport: { width: 1440, height: 900 },
      });
      await page.locator('.chart .state').first().waitFor();
      await page.locator('.timeline .step b').waitFor();
      for (const name of ['session', 'turn']) {
        await page.keyboard.press('End');
        await ofKind(page, name).first().click();
        await page.locator('.chart .state.active').first().waitFor();
        expect(await page.evaluate(smallestText)).toBeGreaterThanOrEqual(10);
        await expect.poll(() => page.evaluate(isLitSeen)).toBe(true);
      }
      await page.getByRole('tab', { name: 'Context' }).click();
      await ofKind(page, 'session').first().click();
      // The last step of the session is that of its turn: the session is idle again.
      await page.getByRole('button', { name: 'First step' }).click();
      await page.getByRole('button', { name: 'Step forward' }).click();
      await page.locator('.json ins').first().waitFor();
      await page.getByLabel('only what changed').check();
      await expect.poll(() => page.locator('.json .line:not(ins):not(del)').count()).toBe(0);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('[VIS10] lists what failed first, and filters recordings by how they stand', async () => {
    const failed = await asked('One that fails', 'Fail [[fail=500]]');
    const done = await asked('One that is done', 'Time? [[tool=clock tokens=5 delay=0]]');
    for (const id of [failed, done]) {
      const ended = async () => {
        const { steps } = sessionHistorySchema.parse(
          (await request(pages.url, 'GET', `/inspect/sessions/${id}/history`)).body,
        );
        return steps.some(({ event }) => event === 'turn.ended');
      };
      await expect.poll(ended).toBe(true);
    }
    await request(pages.url, 'POST', `/chat-sessions/${done}/close`, {});
    const { page, faults, close } = await open();
    await page.getByText('1 failed in the last hour').waitFor();
    const sessions = page.getByRole('listbox', { name: 'Stored sessions' });
    await page.getByRole('button', { name: 'Recorded' }).click();
    await sessions
      .getByRole('option')
      .filter({ hasText: 'One that fails' })
      .filter({ hasText: 'failed' })
      .waitFor();
    await sessions
      .getByRole('option')
      .filter({ hasText: 'One that is done' })
      .filter({ hasText: 'closed' })
      .waitFor();
    const only = async (title: string) => {
      await sessions.getByRole('option').filter({ hasText: title }).waitFor();
      await expect.poll(() => sessions.getByRole('option').count()).toBe(1);
    };
    await page.getByLabel('Outcome').selectOption('failed');
    await only('One that fails');
    await page.getByLabel('Outcome').selectOption('');
    await page.getByLabel('Tool').selectOption('clock');
    await sessions.getByRole('option').filter({ hasText: 'One that is done' }).waitFor();
    await sessions.getByRole('option').filter({ hasText: 'One that fails' }).waitFor({ state: 'detached' });
    await page.getByLabel('Tool').selectOption('');
    await page.getByLabel('State').selectOption('closed');
    await only('One that is done');
    await page.getByLabel('State').selectOption('');
    await page.getByLabel('from', { exact: true }).fill('2001-01-01');
    await page.getByLabel('to', { exact: true }).fill('2001-01-02');
    await page.getByText('No session matches.').waitFor();
    await picture(page, 'inspect-recorded-filters');
    await page.getByRole('button', { name: 'Live', exact: true }).click();
    await page
      .getByRole('button', { name: 'Back to the actors' })
      .or(page.locator('.troubles button'))
      .first()
      .waitFor();
    await page.reload();
    await page.locator('.troubles').getByText('One that fails').waitFor();
    await picture(page, 'inspect-troubles');
    await page.locator('.troubles').getByText('One that fails').click();
    await page.locator('.timeline .step b').waitFor();
    expect(new URL(page.url()).searchParams.get('session')).toBe(failed);
    expect(faults).toEqual([]);
    await close();
  });
});
