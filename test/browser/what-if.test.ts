/**
 * Goal: whoever looks at a recording can ask it what would have happened, and nothing does happen. Method: the page in
 * Chromium against a real server, used by roles and names; what the server stores is compared before and after.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type SessionHistory, sessionHistorySchema } from '../../schema/session-history.ts';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

describe.runIf(hasChromium || isCi)('what if in Chromium', { timeout: 40_000 }, () => {
  const pages = site();

  async function ended(content: string): Promise<{ readonly id: string; readonly history: SessionHistory }> {
    const created = await request(pages.url, 'POST', '/chat-sessions', { title: 'To be asked' });
    const id = textAt(created.body, 'id');
    await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, { content });
    let history = await historyOf(id);
    while (!history.steps.some(({ event }) => event === 'turn.ended')) history = await historyOf(id);
    return { id, history };
  }
  const historyOf = async (id: string) =>
    sessionHistorySchema.parse((await request(pages.url, 'GET', `/inspect/sessions/${id}/history`)).body);
  const seqWith = ({ steps }: SessionHistory, state: string) =>
    steps.find(({ actors }) => actors.some(({ states }) => states.includes(state)))?.seq ?? 0;
  const openAt = async (id: string, seq: number, width = 1440) => {
    const opened = await pages.open(`/inspect?session=${id}&seq=${seq}`, {
      viewport: { width, height: 900 },
    });
    opened.page.setDefaultTimeout(10_000);
    return opened;
  };
  const letHappen = async (page: Page, what: string, fields: Readonly<Record<string, string>> = {}) => {
    const form = page.getByRole('form', { name: 'What if' });
    await form.getByLabel('What if…').selectOption({ label: what });
    for (const [label, text] of Object.entries(fields))
      await form.getByLabel(label, { exact: true }).fill(text);
    await form.getByRole('button', { name: 'Let it happen' }).click();
  };

  it('[VIS8] asks a recorded step what if the model had failed, and stores nothing', async () => {
    const { id, history } = await ended('Time? [[tool=clock tokens=5 delay=0]]');
    const { page, faults, close } = await openAt(id, seqWith(history, 'modelCall.calling.requesting'));
    const stored = await request(pages.url, 'GET', `/inspect/sessions/${id}/journal`);
    await page.getByRole('tab', { name: 'What if' }).click();
    await page.getByText('Hypothetical, no move yet').waitFor();
    const address = page.url();
    const asked: string[] = [];
    page.on('request', (sent) => asked.push(`${sent.method()} ${new URL(sent.url()).pathname}`));
    await letHappen(page, 'The model call fails');
    await page.locator('.chart [data-state="modelCall.waitingToRetry"].active').waitFor();
    expect(await page.locator('.chart .edge.taken').getAttribute('data-transitions')).toContain(
      'engine.failed',
    );
    await page.getByRole('button', { name: 'Let after retryDelay run out' }).click();
    await page.locator('.chart [data-state="modelCall.calling.requesting"].active').waitFor();
    await page.getByText('engine (not run here)').waitFor();
    // A failure that no other attempt helps ends the turn.
    await page
      .getByRole('form', { name: 'What if' })
      .getByLabel('What if…')
      .selectOption({ label: 'The model call fails' });
    await page.getByLabel('Class of failure').selectOption('authentication');
    await page.getByRole('button', { name: 'Let it happen' }).click();
    await page.locator('.chart [data-state="failed"].active').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('.chart [data-state="modelCall.calling.requesting"].active').waitFor();
    await page.getByText('Hypothetical, 2 moves').waitFor();
    await picture(page, 'inspect-what-if');
    // Only pictures and scripts may have been asked for, of the server nothing.
    expect(asked.filter((one) => !one.startsWith('GET /web/'))).toEqual([]);
    expect(page.url()).toBe(address);
    expect((await request(pages.url, 'GET', `/inspect/sessions/${id}/journal`)).body).toEqual(stored.body);
    await page.reload();
    await page.locator('.timeline .step b').waitFor();
    await expect.poll(() => page.getByText('Hypothetical').count()).toBe(0);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[VIS8] plays a tool call that a person denies, says what is wrong with what was typed, and refusals',
    async () => {
      const { id, history } = await ended('Hello [[tokens=5 delay=0]]');
      const { page, faults, close } = await openAt(id, seqWith(history, 'modelCall.calling.requesting'));
      await page.getByRole('tab', { name: 'What if' }).click();
      await page.getByRole('form', { name: 'What if' }).waitFor();
      await letHappen(page, 'The model asks for a tool', { Tool: 'weather', 'Arguments, as JSON': '{oops' });
      await page.getByRole('alert').getByText('This is not JSON').waitFor();
      await page.getByLabel('Arguments, as JSON').fill('{"city":"Oslo"}');
      await page.getByLabel('A person must approve it').check();
      await page.getByRole('button', { name: 'Let it happen' }).click();
      await letHappen(page, 'The model has finished');
      await page
        .getByRole('treeitem')
        .filter({ hasText: 'weather' })
        .filter({ hasText: 'awaitingApproval' })
        .click();
      await page.locator('.chart [data-state="awaitingApproval"].active').waitFor();
      await letHappen(page, 'A person denies the call', { 'Reason (may be empty)': 'Not today' });
      await page.getByRole('region', { name: 'What came of it' }).getByText('tool.result').waitFor();
      const root = page.getByRole('treeitem').filter({ hasText: 'To be asked' });
      await root.click();
      await letHappen(page, 'A person closes the session');
      await letHappen(page, 'A person sends a message', { Message: 'Too late' });
      await page.getByText('Refused: ').waitFor();
      await letHappen(page, 'Another event, as JSON', { 'Event, as JSON': '{"type":"no.such.event"}' });
      await page.getByText('does not handle it').waitFor();
      await page.getByRole('button', { name: 'Back to the recording' }).click();
      await page.getByText('Hypothetical').waitFor({ state: 'detached' });
      expect((await historyOf(id)).events).toEqual(history.events);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')('[VIS8] can be used with keys alone, and on a phone', async () => {
    const { id, history } = await ended('Hello [[tokens=5 delay=0]]');
    const { page, faults, close } = await openAt(id, seqWith(history, 'modelCall.calling.requesting'), 390);
    await page.getByRole('button', { name: 'Events', exact: true }).click();
    // It is there once the recording is.
    await page.getByRole('tab', { name: 'What if' }).waitFor();
    await page.getByRole('tab', { name: 'Events' }).focus();
    await page.keyboard.press('ArrowLeft');
    const choice = page.getByLabel('What if…');
    await choice.waitFor();
    const isThere = () => choice.evaluate((element) => element.matches(':focus'));
    for (let left = 4; left > 0 && !(await isThere()); left--) await page.keyboard.press('Tab');
    expect(await isThere()).toBe(true);
    await page.keyboard.type('The model call');
    await page.keyboard.press('Tab');
    await page.keyboard.type('unk');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('turn takes').first().waitFor();
    await page.getByText('Hypothetical, 1 move').waitFor();
    const isWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
    expect(isWide).toBe(false);
    await picture(page, 'inspect-what-if-phone');
    expect(faults).toEqual([]);
    await close();
  });
});
