/**
 * Goal: real models and real tools work for a user of the page. Method: a server with OpenAI's format and the
 * reference server of MCP, from a config file as documented. A question needs two calls at the same time, one of
 * which needs approval; the server is restarted; the user approves in the page, and the answer streams.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import { type ScriptedProvider, startProvider } from '../fakes/providers/scripted-provider.ts';
import { request } from '../processes/baseline-client.ts';
import { freePort } from '../processes/free-port.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { everythingServer } from '../src/tools/mcp/mcp-servers.ts';
import { answered, openChat, send } from './chat-page.ts';
import { hasChromium, launchChromium } from './chromium.ts';
import { picture } from './site.ts';

describe.runIf(hasChromium || isCi)('tools that need a person, in Chromium', { timeout: 120_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let provider: ScriptedProvider;
  let server: ServerProcess;
  let browser: Browser;
  let args: readonly string[];
  /** The model's answer to its n-th call in this test. */
  let script: (index: number) => ReturnType<typeof openAiAnswer>;
  /** How many calls were made in earlier tests. */
  let earlier = 0;
  const calls = () => provider.requests.slice(earlier);

  beforeEach(() => {
    earlier = provider.requests.length;
    script = (index) =>
      index === 0
        ? openAiAnswer({
            text: ['Let me ', 'work that out. '],
            calls: [
              { id: 'call_a', name: 'everything__echo', arguments: JSON.stringify({ message: longText }) },
              { id: 'call_b', name: 'everything__get-sum', arguments: '{"a":19,"b":23}' },
            ],
            usage: { prompt: 20, completion: 10 },
          })
        : openAiAnswer({
            text: ['**19 + 23', ' = 42.** ', 'You approved ', 'the sum yourself.'],
            usage: { prompt: 50, completion: 4 },
          });
  });

  beforeAll(async () => {
    folder = await temporaryFolder();
    args = ['--port', String(await freePort())];
    provider = await startProvider((_request, index) => script(index - earlier));
    const config = {
      defaultModel: 'local/small',
      providers: {
        local: {
          type: 'openai-compatible',
          label: 'Local',
          baseUrl: `${provider.url}/v1`,
          models: ['small', 'large'],
        },
      },
      mcpServers: { everything: everythingServer },
      tools: { 'everything__get-sum': { approval: 'always' } },
    };
    await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
    [server, browser] = await Promise.all([start(), launchChromium()]);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    expect(await server?.end()).toBe(0);
    await provider?.stop();
    await folder?.remove();
  });

  const start = () => startServer({ dataFolder: folder.path, args });

  it.runIf(effort === 'full')(
    '[WEB7] [WEB25] [WEB19] [APR5] asks, waits through a restart, and goes on when somebody approves in the page',
    async () => {
      const { page, faults, close } = await openChat(browser, server.url, { loses: true });
      await page.getByText('Connected').waitFor();
      // A real model answers: nothing of the rehearsal engine is offered.
      await page.getByRole('heading', { name: 'What can I help with?' }).waitFor();
      expect(await page.locator('.suggestions').count()).toBe(0);
      await page.getByLabel('Model', { exact: true }).selectOption('local/small');
      await send(page, 'What is 19 and 23?');
      const waiting = page.locator('.tool-call[data-status=awaitingApproval]');
      await waiting.waitFor();
      await page.locator('.tool-call[data-status=completed]').waitFor();
      expect(await waiting.textContent()).toMatch(/everything__get-sum.*"b": 23/s);
      await page.getByText('Waiting for your approval').waitFor();
      await picture(page, 'approval-asked');

      await server.end('SIGKILL');
      await page
        .getByText(/Reconnecting|Offline/)
        .first()
        .waitFor();
      server = await start();
      await page.getByText('Connected').waitFor({ timeout: 60_000 });
      // The session that waits stands on top, in the page of whoever looks at another one.
      await request(server.url, 'POST', '/chat-sessions', { title: 'A later one' });
      const other = await openChat(browser, server.url);
      const group = other.page.getByRole('region', { name: 'Waiting for you' });
      await group.getByRole('link', { name: /^What is 19 and 23\?.*waits/ }).waitFor();
      expect(await other.page.locator('.session-row .title').allTextContents()).toEqual([
        'What is 19 and 23?',
        'A later one',
      ]);
      expect(await other.page.title()).toBe('(1) New session – Callboard');
      await picture(other.page, 'list-waiting');
      await page.reload();
      await waiting.waitFor();
      expect(await page.locator('.message.assistant').textContent()).toContain('Let me work that out.');

      // Uses only the keyboard.
      await waiting.getByLabel(/Reason/).focus();
      await page.keyboard.type('go ahead');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await waiting.waitFor({ state: 'detached' });
      await answered(page);
      await page.locator('.message.assistant', { hasText: '19 + 23 = 42.' }).waitFor();
      expect(calls()).toHaveLength(2);
      await group.waitFor({ state: 'detached' });
      expect(other.faults).toEqual([]);
      await other.close();
      const [echo, sum] = [page.locator('.tool-call').nth(0), page.locator('.tool-call').nth(1)];
      await sum.locator('summary').click();
      expect(await sum.textContent()).toMatch(/The sum of 19 and 23 is 42.*Approved: go ahead/s);
      await picture(page, 'approval-answered');

      // The part that the preview cuts is shown on request.
      await sum.locator('summary').click();
      await echo.locator('summary').click();
      await echo.getByRole('button', { name: 'Show whole result' }).click();
      await expect.poll(() => echo.textContent()).toContain('the very end');
      expect(await page.locator('.trace .model').textContent()).toBe('scripted');

      // Another model answers from now on.
      await page.getByLabel('Model', { exact: true }).selectOption('local/large');
      const id = new URL(page.url()).searchParams.get('session');
      await expect
        .poll(async () => (await request(server.url, 'GET', `/chat-sessions/${id}`)).body)
        .toMatchObject({ options: { model: 'local/large' } });
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')(
    '[WEB6] [WEB7] asks without a serious accessibility fault in any theme, on a phone, too',
    async () => {
      // axe comes into the page as a script, which the page's own policy forbids.
      const { page, faults, close } = await openChat(browser, server.url, {
        bypassCSP: true,
        viewport: { width: 360, height: 640 },
        isMobile: true,
        reducedMotion: 'reduce',
      });
      await send(page, 'What is 19 and 23?');
      await page.locator('.tool-call[data-status=awaitingApproval]').waitFor();
      await page.evaluate(axe.source);
      // Rules are checked for a second or so in each theme.
      for (const theme of ['light', 'dark', 'midnight', 'aurora']) {
        await request(server.url, 'PATCH', '/config', { theme });
        await page.locator(`html[data-theme=${theme}]`).waitFor();
        const found = await page.evaluate<axe.AxeResults>('axe.run()');
        const serious = found.violations.filter(
          ({ impact }) => impact === 'serious' || impact === 'critical',
        );
        expect(serious.map(({ id, nodes }) => [theme, id, nodes.map(({ html }) => html)])).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
      }
      // No call of this session waits in the inspector's tree of the tests that follow.
      await page.getByRole('button', { name: 'Deny', exact: true }).click();
      await answered(page);
      expect(faults).toEqual([]);
      await close();
    },
  );

  it.runIf(effort === 'full')('[WEB7] shows how far a tool is', async () => {
    script = (index) =>
      index === 0 ? openAiAnswer({ text: [], calls: [slowCall] }) : openAiAnswer({ text: ['Done.'] });
    const { page, faults, close } = await openChat(browser, server.url);
    await send(page, 'Take your time');
    const bar = page.locator('.tool-call[data-status=running] progress');
    await expect.poll(() => bar.getAttribute('value'), { timeout: 20_000 }).toBe('2');
    expect(await bar.getAttribute('max')).toBe('4');
    await page.locator('.tool-call[data-status=completed]').waitFor();
    await page.locator('.message.assistant', { hasText: 'Done.' }).waitFor();
    expect(faults).toEqual([]);
    await close();
  });

  it('[WEB7] tells the model why somebody denied a call, also from the inspector', async () => {
    const { page, faults, close } = await openChat(browser, server.url);
    await send(page, 'What is 19 and 23?');
    await page.locator('.tool-call[data-status=awaitingApproval]').waitFor();
    await page.getByRole('link', { name: 'Inspect this session' }).click();
    await page.getByText('awaitingApproval').first().waitFor();
    await page.getByRole('treeitem').filter({ hasText: 'everything__get-sum' }).click();
    await page.locator('.chart [data-state="awaitingApproval"].active').waitFor();
    await picture(page, 'approval-inspected');
    await page.getByRole('button', { name: 'Deny everything__get-sum' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Deny everything__get-sum' }).click();
    await expect.poll(() => calls().length).toBe(2);
    expect(JSON.stringify(calls()[1]?.body)).toContain('Denied by a person');
    expect(faults).toEqual([]);
    await close();
  });
});

/** Some tools of the reference server report their progress. */
const slowCall = {
  id: 'call_c',
  name: 'everything__trigger-long-running-operation',
  arguments: '{"duration":2,"steps":4}',
};

const longText = `${'a long echo, '.repeat(300)}the very end`;
