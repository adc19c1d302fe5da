/**
 * Goal: diagrams of answers are drawn in frames from which nothing reaches the page or another server ([WEB2], [WEB4]).
 * Method: answers, good and hostile, are stored through the API, and the page and its frames are asked what they made of them,
 * before and after a reload. Another server listens for what must not come.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { createServer, type Server } from 'node:http';
import axe from 'axe-core';
import type { FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effort, isCi } from '../effort.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { answered, send } from './chat-page.ts';
import { hasChromium } from './chromium.ts';
import { modelSite } from './model-site.ts';
import { picture, site } from './site.ts';

const flowchart = 'flowchart LR\n  A[Start here] --> B{Is it good?}\n  B -->|yes| C[Ship it]';
const sequence = 'sequenceDiagram\n  Alice->>Bob: Hello Bob\n  Bob-->>Alice: Hi Alice';
const broken = 'flowchart LR\n  A --> [[[';
const fenced = (code: string) => `\`\`\`mermaid\n${code}\n\`\`\``;

describe.runIf(hasChromium || isCi)('diagrams in Chromium', { timeout: 120_000 }, () => {
  const pages = site();

  async function sessionOf(contents: readonly string[]): Promise<string> {
    const { body } = await request(pages.url, 'POST', '/chat-sessions', { title: 'Diagrams' });
    const id = textAt(body, 'id');
    for (const text of contents) {
      const said = { role: 'assistant', parts: [{ type: 'text', text }] };
      expect((await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, said)).status).toBe(201);
    }
    return id;
  }

  const message = (page: Page, at: number) => page.locator('.message.assistant').nth(at);
  const frameOf = (page: Page, at: number): FrameLocator =>
    message(page, at).locator('.diagram:not(.not-shown)').frameLocator('iframe');
  const isScrolledTo = (page: Page, at: number) => message(page, at).scrollIntoViewIfNeeded();

  async function labels(page: Page, at: number): Promise<string> {
    await isScrolledTo(page, at);
    return (await frameOf(page, at).locator('svg').textContent({ timeout: 30_000 })) ?? '';
  }

  it('[WEB4] draws diagrams, shows their code on request, and says of a broken one that it cannot be drawn', async () => {
    const id = await sessionOf([fenced(flowchart), fenced(broken), fenced(sequence), 'The last message']);
    const { page, faults, close } = await pages.open('/', {
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    await page.getByText('Connected').waitFor();
    const loaded: string[] = [];
    page.on('request', (sent) => loaded.push(sent.url()));
    await page.goto(`${pages.url}/?session=${id}`);
    for (let time = 0; time < 2; time++) {
      await page.getByText('The last message').waitFor();
      for (const label of ['Hello Bob', 'Hi Alice']) expect(await labels(page, 2)).toContain(label);
      for (const label of ['Start here', 'Is it good?', 'yes'])
        expect(await labels(page, 0)).toContain(label);
      const fault = message(page, 1).locator('.diagram-fault');
      await isScrolledTo(page, 1);
      await fault.getByText('This diagram cannot be drawn.').waitFor();
      expect(await message(page, 1).locator('iframe').count()).toBe(0);
      expect(await message(page, 1).locator('pre').textContent()).toBe(broken);
      await fault.getByText('Details').click();
      await fault.getByText('Parse error on line 2').waitFor();
      // Assistive technology finds the code beside the picture; the button shows it to everybody.
      const first = message(page, 0);
      expect(await first.locator('pre.unseen').textContent()).toBe(flowchart);
      expect(await first.locator('iframe').getAttribute('title')).toBe('Diagram');
      const code = first.getByRole('button', { name: 'Code', exact: true });
      await picture(page, `diagrams-${time}`);
      await code.focus();
      await page.keyboard.press('Enter');
      expect(await code.getAttribute('aria-pressed')).toBe('true');
      expect(await first.locator('pre:not(.unseen)').textContent()).toBe(flowchart);
      expect(await first.locator('iframe').isVisible()).toBe(false);
      await first.getByRole('button', { name: 'Copy' }).first().click();
      await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe(flowchart);
      await code.click();
      await first.locator('iframe').waitFor({ state: 'visible' });
      if (time === 0) await page.reload();
    }
    expect(loaded.filter((url) => url.endsWith('/web/diagram.html')).length).toBeGreaterThan(0);
    expect(faults).toEqual([]);
    await close();
  });

  it.runIf(effort === 'full')('[WEB6] diagrams follow the theme, and are accessible in each', async () => {
    const id = await sessionOf([fenced(flowchart), fenced(broken)]);
    const { page, close } = await pages.open(`/?session=${id}`, { bypassCSP: true, reducedMotion: 'reduce' });
    await labels(page, 0);
    await page.getByText('This diagram cannot be drawn.').waitFor();
    const inFrame = (expression: string): Promise<string> | undefined =>
      page
        .frames()
        .find((one) => one.url().endsWith('/web/diagram.html'))
        ?.evaluate(expression);
    const fill = async () =>
      (await inFrame(`getComputedStyle(document.querySelector('.node text')).fill`)) ?? '';
    const fills: string[] = [];
    for (const theme of ['light', 'dark']) {
      await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
      const scheme = () => inFrame('getComputedStyle(document.documentElement).colorScheme');
      await expect.poll(scheme).toBe(theme);
      if (theme === 'dark') await expect.poll(fill).not.toBe(fills[0]);
      fills.push(await fill());
      await picture(page, `diagram-${theme}`);
      await page.evaluate(axe.source);
      const found: { violations: { id: string; impact: string; nodes: { html: string }[] }[] } =
        await page.evaluate('axe.run()');
      const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect([theme, serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])]).toEqual([
        theme,
        [],
      ]);
    }
    await close();
  });

  describe('hostile ones', () => {
    let foreign: Server;
    let address: string;
    const asked: string[] = [];

    beforeAll(async () => {
      foreign = createServer((incoming, answer) => {
        asked.push(incoming.url ?? '');
        answer.end();
      });
      await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve));
      const given = foreign.address();
      address = `http://127.0.0.1:${typeof given === 'object' ? given?.port : ''}`;
    });
    afterAll(() => void foreign?.close());

    it.runIf(effort === 'full')(
      '[WEB2] [WEB4] run nothing, ask nothing of another server, and lead nowhere',
      async () => {
        const img = `<img src=x onerror=top.hit=1><script>parent.hit=2</script>`;
        const id = await sessionOf(
          [
            `flowchart LR\n  A["${img.replaceAll('"', "'")} label one"] --> B["<iframe src='${address}/frame'></iframe>"]`,
            `flowchart LR\n  A[Click me] --> B[two]\n  click A href "javascript:top.hit=3" "tip"\n  click B href "${address}/link" _top`,
            `flowchart LR\n  A[Call me] --> B[x]\n  click A call alert("hit")`,
            `%%{init: {"securityLevel": "loose", "htmlLabels": true, "flowchart": {"htmlLabels": true}, "themeCSS": "@import url(${address}/css); svg { background: url(${address}/bg) }", "fontFamily": "x; background: url(${address}/font)"}}%%\nflowchart LR\n  A["${img} loosened"]`,
            `---\nconfig:\n  securityLevel: loose\n  secure: []\n  themeVariables:\n    primaryColor: "red; background: url(${address}/variable)"\n---\nflowchart LR\n  A["${img} front matter"]`,
            `flowchart LR\n  A@{ img: "${address}/picture", label: "pictured" }\n  B[styled]\n  style B fill:url(${address}/style)`,
            `sequenceDiagram\n  participant A\n  links A: {"Away": "${address}/menu", "Run": "javascript:top.hit=4"}\n  A->>A: ${img} menu`,
            `classDiagram\n  class A["${img} class"]\n  link A "javascript:top.hit=5"`,
            'x'.repeat(190_000),
          ].map(fenced),
        );
        const { page, faults, close } = await pages.open(`/?session=${id}`);
        const popups: string[] = [];
        page.on('popup', (popup) => popups.push(popup.url()));
        const before = page.url();
        let drawn = 0;
        for (let at = 0; at < 9; at++) {
          await isScrolledTo(page, at);
          const block = message(page, at);
          await block
            .locator('.diagram:not(.not-shown), .diagram-fault')
            .first()
            .waitFor({ timeout: 30_000 });
          if ((await block.locator('.diagram-fault').count()) > 0) continue;
          drawn += 1;
          const frame = frameOf(page, at);
          await frame.locator('svg').first().waitFor();
          for (const tag of ['script', 'iframe', 'img', 'foreignObject', 'a', '[onerror]', '[onclick]']) {
            expect([at, tag, await frame.locator(tag === 'script' ? 'main script' : tag).count()]).toEqual([
              at,
              tag,
              0,
            ]);
          }
          for (const node of await frame.locator('.node, .actor').all()) {
            await node.click({ force: true, timeout: 5000 }).catch(() => {});
          }
          await picture(page, `hostile-${at}`);
        }
        // Most of them are drawn, so that there was something to try.
        expect(drawn).toBeGreaterThanOrEqual(6);
        await expect
          .poll(() => message(page, 8).locator('.diagram-fault').textContent())
          .toContain('longer than');
        expect(await page.evaluate('window.hit')).toBeUndefined();
        expect([page.url(), popups, asked]).toEqual([before, [], []]);
        // What the policy of a frame has refused is told on the console.
        expect(faults.filter((fault) => !/Content Security Policy/.test(fault))).toEqual([]);
        // Nothing of a frame's origin is the page's.
        const [inside] = page.frames().filter((one) => one.url().endsWith('/web/diagram.html'));
        const reached = await inside?.evaluate(`(() => {
          const tried = [() => parent.document.title, () => localStorage.length, () => top.location.href, () => document.cookie];
          return [origin, ...tried.map((one) => { try { return String(one()); } catch { return 'refused'; } })];
        })()`);
        expect(reached).toEqual(['null', 'refused', 'refused', 'refused', 'refused']);
        expect(await inside?.evaluate(`fetch('/config').then(() => 'answered', () => 'refused')`)).toBe(
          'refused',
        );
        await close();
      },
    );

    it.runIf(effort === 'full')(
      '[WEB4] one that takes too long is given up, while the page and the others go on',
      async () => {
        const endless = 'packet-beta\n0-100000000: "x"';
        const id = await sessionOf([
          fenced(flowchart),
          fenced(endless),
          fenced(sequence),
          'The last message',
        ]);
        const { page, faults, close } = await pages.open(`/?session=${id}`, {
          viewport: { width: 1280, height: 1400 },
        });
        await message(page, 1).getByText('This diagram cannot be drawn.').waitFor({ timeout: 30_000 });
        expect(await message(page, 1).locator('.diagram-fault').textContent()).toContain('too long');
        expect(await labels(page, 0)).toContain('Start here');
        expect(await labels(page, 2)).toContain('Hello Bob');
        await picture(page, 'diagram-endless');
        expect(faults).toEqual([]);
        await close();
      },
    );
  });

  it.runIf(effort === 'full')(
    '[WEB4] of many diagrams, a few have frames, and each is drawn where one looks',
    async () => {
      const id = await sessionOf(
        Array.from({ length: 16 }, (_, at) => fenced(`flowchart TD\n  A[Label${at}] --> B --> C`)),
      );
      const { page, faults, close } = await pages.open(`/?session=${id}`);
      for (const at of [15, 12, 8, 4, 0, 15]) {
        expect(await labels(page, at)).toContain(`Label${at}`);
        expect(await page.locator('iframe').count()).toBeLessThanOrEqual(6);
      }
      expect(faults).toEqual([]);
      await close();
    },
  );
});

describe.runIf((hasChromium || isCi) && effort === 'full')(
  'a diagram that streams',
  { timeout: 90_000 },
  () => {
    const text = `Look:\n\n${fenced(flowchart)}\n\nThat was all of it.`;
    const pages = modelSite(() => {
      const { steps } = openAiAnswer({ text: text.match(/[\s\S]{1,8}/g) ?? [] });
      // A comment of the stream after each piece.
      return { steps: steps.flatMap((step) => [step, { send: ': on\n\n', times: 1, everyMs: 40 }]) };
    });

    it('[WEB4] is shown as its code until its block has ended, and then drawn', async () => {
      const { page, faults, close } = await pages.open('/');
      await page.getByText('Connected').waitFor();
      // Each code that was shown, and whether it was taken for a diagram.
      await page.evaluate(`window.shown = []; new MutationObserver(() => {
      const code = document.querySelector('.message.assistant pre')?.textContent;
      if (code !== undefined) shown.push([code, document.querySelector('.diagram') !== null]);
    }).observe(document.body, { childList: true, subtree: true, characterData: true })`);
      await send(page, 'Draw it');
      await answered(page);
      const drawn = page.locator('.diagram:not(.not-shown)').frameLocator('iframe').locator('svg');
      for (let time = 0; time < 2; time++) {
        expect(await drawn.textContent({ timeout: 30_000 })).toContain('Start here');
        if (time > 0) break;
        const shown: (readonly [code: string, isDiagram: boolean])[] = await page.evaluate('shown');
        expect(shown.filter(([code]) => code !== flowchart).length).toBeGreaterThan(3);
        expect(shown.filter(([code, isDiagram]) => isDiagram && code !== flowchart)).toEqual([]);
        await page.reload();
      }
      expect(faults).toEqual([]);
      await close();
    });
  },
);
