/**
 * Goal: whatever page a developer opens, it neither reads nor changes what a server without API keys has on the same
 * machine. Method: a real server, real Chromium, and a page that tries every way in and reports what its script saw; what
 * changed is asked of the server. The owner's own page does the same as a control, so that no attack fails by itself.
 *
 * Without Chromium it is left out; in CI that is an error.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchChromium } from '../browser/chromium.ts';
import { effort, isCi } from '../effort.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { attack, emptyPage, type Report, startPageServer, type Target } from './hostile-page.ts';

/** A PNG of one pixel. */
const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const secret = 'what nobody else may read';
/** What one of its tries would leave behind. */
type State = {
  readonly sessions: unknown;
  readonly messages: unknown;
  readonly config: unknown;
  readonly logs: unknown;
};

describe.runIf(hasChromium || isCi)('a page in Chromium, against a server without keys', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let pages: Awaited<ReturnType<typeof startPageServer>>;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    pages = await startPageServer();
    await writeFile(
      join(folder.path, 'callboard.config.json'),
      JSON.stringify({ allowedOrigins: [`http://friend.example:${pages.port}`, 'http://*.friends.example'] }),
    );
    [server, browser] = await Promise.all([
      startServer({ dataFolder: folder.path }),
      // The names of the pages; a name that the attacker binds anew to this machine is one of them.
      launchChromium([
        '--host-resolver-rules=MAP *.example 127.0.0.1',
        // Newer browsers keep pages of other machines from this one by themselves; older ones do not.
        '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
      ]),
    ]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    pages?.close();
    await server?.end();
    await folder?.remove();
  });

  /** A new session with a secret, a new file, and the script of the chat page. */
  async function newTarget(): Promise<Target> {
    const { url } = server;
    const created = await request(url, 'POST', '/chat-sessions', { title: secret });
    const session = textAt(created.body, 'id');
    await request(url, 'POST', `/chat-sessions/${session}/messages`, { role: 'assistant', content: secret });
    const stored = await fetch(`${url}/files`, {
      method: 'POST',
      body: Buffer.from(pixel, 'base64'),
      headers: { 'content-type': 'image/png', 'x-file-name': 'secret.png' },
    });
    const html = await (await fetch(`${url}/`)).text();
    const [, script = ''] = /(\/?web\/[^"]+\.js)/.exec(html) ?? [];
    return { url, session, file: textAt(await stored.json(), 'id'), script: `/${script.replace(/^\//, '')}` };
  }

  async function state({ session }: Target): Promise<State> {
    const of = async (path: string) => (await request(server.url, 'GET', path)).body;
    const logs = await of('/logs?limit=1000');
    return {
      sessions: await of('/chat-sessions'),
      messages: await of(`/chat-sessions/${session}/messages`),
      config: await of('/config'),
      // What a request to make an entry made; the server's own entries say that it refused.
      logs: Array.isArray(logs)
        ? logs.filter((entry) => !/refused a request/.test(JSON.stringify(entry)))
        : logs,
    };
  }

  type Attempted = {
    readonly report: Report;
    /** The answers that the server gave, seen from outside the page; the browser's own refusals are none. */
    readonly statuses: ReadonlySet<number>;
    readonly before: State;
    readonly after: State;
  };

  /** Runs the attack on a page at that address; the server does not answer it itself. */
  async function attempted(from: string, target: Target): Promise<Attempted> {
    const before = await state(target);
    const context = await browser.newContext();
    const page = await context.newPage();
    const statuses = new Set<number>();
    page.on('response', (response) => {
      if (response.url() !== from && new URL(response.url()).port === String(server.port)) {
        statuses.add(response.status());
      }
    });
    // Before a name is bound anew, the attacker's machine serves the page under it.
    if (new URL(from).port === String(server.port)) {
      await page.route(from, (route) => route.fulfill({ contentType: 'text/html', body: emptyPage }));
    }
    await page.goto(from);
    const report = await reportOf(page, target);
    await context.close();
    return { report, statuses, before, after: await state(target) };
  }

  const reportOf = (page: Page, target: Target): Promise<Report> => page.evaluate(attack(target));

  const everything = [
    'fetch',
    'fetch of one session',
    'fetch with credentials',
    'fetch of the config',
    'POST of JSON',
    'PATCH of JSON',
    'EventSource',
    'baseline socket',
    'callboard.v1 socket',
    '/live socket',
    'DELETE',
  ];

  it("[CORS5] of the server's own origin reads and changes everything: the control", async () => {
    const target = await newTarget();
    const { report, statuses, before, after } = await attempted(`${server.url}/control`, target);
    for (const way of [...everything, 'form', 'iframe', 'img', 'script of the page']) {
      expect([way, report[way]]).toEqual([way, expect.any(String)]);
    }
    for (const way of ['fetch', 'fetch of one session', 'iframe']) expect(report[way]).toContain(secret);
    expect(statuses).not.toContain(403);
    for (const part of ['sessions', 'messages', 'config', 'logs'] as const) {
      expect([part, after[part]]).not.toEqual([part, before[part]]);
    }
  });

  it.each([
    ['another port of the same name', () => `http://127.0.0.1:${pages.port}/`],
    ['another loopback name', () => `http://localhost:${pages.port}/`],
    ['the port of the server, by another loopback name', () => `http://localhost:${server.port}/attack`],
    ['another site', () => `http://evil.example:${pages.port}/`],
    ['a name that is like an allowed one', () => `http://friends.example:${pages.port}/`],
  ])('[CORS5] of %s reads nothing, and changes nothing', async (_where, from) => {
    const target = await newTarget();
    const { report, statuses, before, after } = await attempted(from(), target);
    expect(after).toEqual(before);
    expect(JSON.stringify(report)).not.toContain(secret);
    for (const [way, seen] of Object.entries(report)) expect([way, seen]).toEqual([way, null]);
    expect([...statuses]).toEqual([403]);
  });

  it('[CORS5] without an origin of its own reads nothing, and changes nothing', async () => {
    const target = await newTarget();
    const before = await state(target);
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${pages.port}/sandboxed`);
    expect(await page.evaluate('origin')).toBe('null');
    const report = await reportOf(page, target);
    await page.close();
    for (const [way, seen] of Object.entries(report)) expect([way, seen]).toEqual([way, null]);
    expect(await state(target)).toEqual(before);
  });

  it('[CORS4] whose name was bound to this machine (DNS rebinding) is told only which setting refuses it', async () => {
    const target = await newTarget();
    const { report, statuses, before, after } = await attempted(`http://evil.example:${server.port}/attack`, {
      ...target,
      url: `http://evil.example:${server.port}`,
    });
    expect({ ...after }).toEqual(before);
    expect(JSON.stringify(report)).not.toContain(secret);
    // The browser takes it for the server's own page, and lets it read the refusals.
    expect([...statuses]).toEqual([403]);
    for (const way of everything) {
      const seen = report[way] ?? null;
      if (seen !== null)
        expect([way, seen]).toEqual([
          way,
          expect.stringContaining('\\"allowedHosts\\": [\\"evil.example\\"]'),
        ]);
    }
    expect(report['fetch']).toContain('403');
    for (const way of ['EventSource', 'baseline socket', 'callboard.v1 socket', '/live socket', 'img']) {
      expect([way, report[way]]).toEqual([way, null]);
    }
  });

  it('[CORS1] of an allowed origin reads and changes everything that says where it is from', async () => {
    const target = await newTarget();
    const { report, before, after } = await attempted(`http://friend.example:${pages.port}/`, target);
    for (const way of everything) expect([way, report[way]]).toEqual([way, expect.any(String)]);
    expect(report['fetch with credentials']).toContain(secret);
    for (const way of ['iframe', 'img', 'script of the page'])
      expect([way, report[way]]).toEqual([way, null]);
    expect(after.sessions).not.toEqual(before.sessions);
  });

  it.runIf(effort === 'full')(
    '[CORS6] of another site may lead to a page of the server, and to nothing else',
    async () => {
      const page = await browser.newPage();
      const follow = async (path: string) => {
        await page.goto(`http://evil.example:${pages.port}/`);
        await page.evaluate(
          `document.body.append(Object.assign(document.createElement('a'), { href: '${server.url}${path}', id: 'to', textContent: 'to' }))`,
        );
        const [answer] = await Promise.all([page.waitForResponse(`${server.url}${path}`), page.click('#to')]);
        return answer.status();
      };
      expect(await follow('/')).toBe(200);
      await page.locator('#composer').waitFor();
      expect(await follow('/openapi')).toBe(200);
      for (const path of ['/chat-sessions', '/logs', '/openapi.json'])
        expect([path, await follow(path)]).toEqual([path, 403]);
      await page.close();
    },
  );

  it.runIf(effort === 'full')(
    '[CORS1] with keys, an origin that is not allowed may use a key, but no credentials of the browser',
    async () => {
      const other = await temporaryFolder();
      const keyed = await startServer({
        dataFolder: other.path,
        env: {
          CALLBOARD_API_KEYS: 'key-of-mine',
          CALLBOARD_ALLOWED_ORIGINS: `http://friend.example:${pages.port}`,
        },
      });
      try {
        const tried = async (name: string) => {
          const page = await browser.newPage();
          await page.goto(`http://${name}.example:${pages.port}/`);
          const ask = (path: string, credentials: string) =>
            page.evaluate(
              `fetch('${keyed.url}${path}', { credentials: '${credentials}' }).then((answer) => answer.status, () => null)`,
            );
          const seen = [
            await ask('/chat-sessions', 'omit'),
            await ask('/chat-sessions?apiKey=key-of-mine', 'omit'),
            await ask('/chat-sessions?apiKey=key-of-mine', 'include'),
          ];
          await page.close();
          return seen;
        };
        expect(await tried('evil')).toEqual([401, 200, null]);
        expect(await tried('friend')).toEqual([401, 200, 200]);
      } finally {
        await keyed.end();
        await other.remove();
      }
    },
  );
});
