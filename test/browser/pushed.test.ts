/**
 * Goal: the chat page shows what agents outside say, and how it ends, as people understand it. Method: agents push over
 * REST while the page is open.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { answered, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { picture, site } from './site.ts';

describe.runIf(hasChromium || isCi)('agents outside, in Chromium', { timeout: 60_000 }, () => {
  const pages = site();

  const post = (path: string, body: object = {}) => request(pages.url, 'POST', path, body);
  const newSession = async (given: object) => textAt((await post('/chat-sessions', given)).body, 'id');
  const openSession = (id: string) => pages.open(`/?session=${id}`);

  /** An agent begins to answer, and says this. */
  async function said(sessionId: string, text: string, leaseMs = 60_000) {
    const { body } = await post(`/chat-sessions/${sessionId}/turns`, { agent: 'weather', leaseMs });
    const lease = textAt(body, 'lease');
    const path = `/turns/${textAt(body, 'turnId')}`;
    await post(`${path}/parts`, { lease, parts: [{ seq: 1, type: 'text', text }] });
    return { path, lease };
  }

  it.runIf(effort === 'full')(
    '[WEB16] says how an answer that nobody asked for has ended, and asks nothing again',
    async () => {
      const id = await newSession({ title: 'Weather' });
      const { page, faults, close } = await openSession(id);
      const buttons = page.getByRole('button', { name: /Ask again|Continue/ });
      const endings = page.locator('.run-failure, .run-mark');

      const failing = await said(id, 'It is going to be');
      await page.locator('.message.streaming').waitFor();
      await post(`${failing.path}/fail`, { lease: failing.lease, error: 'the forecast is closed' });
      await page.getByText('The agent failed: the forecast is closed').waitFor();
      expect(await buttons.count()).toBe(0);

      await said(id, 'It is going to be');
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.locator('.run-mark', { hasText: 'Cancelled' }).waitFor();

      const cutOff = await said(id, 'It is going to be');
      await post(`${cutOff.path}/finish`, { lease: cutOff.lease, finishReason: 'length' });
      await page.getByText('The answer was cut off').waitFor();
      expect(await buttons.count()).toBe(0);

      // What was asked and answered before is not asked again either.
      await send(page, 'Hello [[tokens=5 delay=0]]');
      await expect.poll(() => page.locator('.message.assistant').count()).toBe(4);
      await answered(page);
      await said(id, 'It is going to be', 1000);
      await page.getByText('The agent stopped responding before the answer was complete.').waitFor();
      await page.locator('.stop').waitFor({ state: 'detached' });
      await picture(page, 'pushed-ends');
      await page.reload();
      await expect.poll(() => endings.count()).toBe(4);
      expect(await endings.allTextContents()).toEqual([
        'The agent failed: the forecast is closed',
        'Cancelled',
        'The answer was cut off: the model reached the limit of its output.',
        'The agent stopped responding before the answer was complete.',
      ]);
      expect(await buttons.count()).toBe(0);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it('[WEB16] says that a question waits for an agent until one claims it', async () => {
    const id = await newSession({ title: 'Weather', options: { engine: 'external' } });
    const { page, faults, close } = await openSession(id);
    const activity = page.locator('.activity');
    await send(page, 'Will it rain?');
    await activity.getByText('Waiting for an agent…').waitFor();
    await page.reload();
    await activity.getByText('Waiting for an agent…').waitFor();
    await picture(page, 'offered');
    const { body } = await request(pages.url, 'GET', '/turns?status=running');
    const turn = Array.isArray(body) ? body.find(({ sessionId }) => sessionId === id) : undefined;
    const path = `/turns/${textAt(turn, 'turnId')}`;
    const claimed = await post(`${path}/claim`, { agent: 'weather', leaseMs: 1000 });
    await activity.getByText('Thinking…').waitFor();
    const parts = [{ seq: 1, type: 'text', text: 'It will' }];
    await post(`${path}/parts`, { lease: textAt(claimed.body, 'lease'), parts });
    await page.getByText('The agent stopped responding before the answer was complete.').waitFor();
    // Somebody asked, so it can be asked again, and is offered again.
    await page.getByRole('button', { name: 'Ask again' }).click();
    await activity.getByText('Waiting for an agent…').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.locator('.run-mark', { hasText: 'Cancelled' }).waitFor();
    await post(`/chat-sessions/${id}/messages`, { content: 'A poem?', options: { agent: 'poet' } });
    await activity.getByText('Waiting for the agent poet…').waitFor();
    await post(`/chat-sessions/${id}/cancel`);
    await activity.waitFor({ state: 'detached' });
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')(
    '[VIS1] the inspector shows where the parts of an agent come in, with its name',
    async () => {
      const id = await newSession({ title: 'Weather report' });
      await said(id, 'It is going to be');
      const { page, faults, close } = await pages.open(`/inspect?session=${id}`);
      const row = page.getByRole('treeitem').filter({ has: page.locator('.kind-source') });
      await row.waitFor();
      expect(await row.locator('.kind').textContent()).toBe('source');
      expect(await row.locator('.title').textContent()).toBe('weather');
      await row.click();
      await page.getByText('The source is code that runs to its end').waitFor();
      await picture(page, 'inspect-source');
      await post(`/chat-sessions/${id}/cancel`);
      expect(faults).toEqual([]);
      await close();
    },
  );
});
