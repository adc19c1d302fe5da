/** A page of somebody else, which tries everything that a page can do to a server, and reports what its script saw. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the attack aims at. It knows more than an attacker would: the ids, and the file names of the chat page. */
export type Target = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly session: string;
  readonly file: string;
  readonly script: string;
};

/** What the script of the page could read, by the way in which it tried; `null`: nothing. */
export type Report = Readonly<Record<string, string | null>>;

export const emptyPage = '<!doctype html><meta charset="utf-8"><title>a page</title><body></body>';

/** Serves empty pages on every path; the origin of `/sandboxed` is `null`. */
export async function startPageServer(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    if (request.url === '/sandboxed')
      response.setHeader('content-security-policy', 'sandbox allow-scripts allow-forms');
    response.end(emptyPage);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server.address()), close: () => void server.close() };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === 'string') throw new Error('the page server has no port');
  return address.port;
}

/** The attack, as an expression for a page. Each try ends by itself, within `patienceMs` where only silence would end it. */
export function attack(target: Target, patienceMs = 3000): string {
  return `(${hostileScript})(${JSON.stringify(target)}, ${patienceMs})`;
}

const hostileScript = `async (target, patienceMs) => {
  const seen = {};
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const soon = (promise) => Promise.race([promise, wait(patienceMs).then(() => null)]);
  const attempt = async (name, run) => {
    try { seen[name] = await run(); } catch { seen[name] = null; }
  };
  const read = async (path, init) => {
    const response = await fetch(target.url + path, init);
    return response.type === 'opaque' ? null : response.status + ' ' + (await response.text());
  };
  const json = (method, body) => ({
    method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' },
  });
  const messages = '/chat-sessions/' + target.session + '/messages';

  await attempt('fetch', () => read('/chat-sessions'));
  await attempt('fetch of one session', () => read(messages));
  await attempt('fetch with credentials', () => read('/chat-sessions', { credentials: 'include' }));
  await attempt('fetch without CORS', () => read('/chat-sessions', { mode: 'no-cors' }));
  await attempt('fetch of the config', () => read('/config'));
  await attempt('POST as text', () =>
    read('/chat-sessions', { method: 'POST', mode: 'no-cors', body: '{"title":"by text"}' }));
  await attempt('POST without a body', () => read('/logs', { method: 'POST', mode: 'no-cors' }));
  await attempt('POST of JSON', () => read('/chat-sessions', json('POST', { title: 'by JSON' })));
  await attempt('PATCH of JSON', () => read('/config', json('PATCH', { theme: 'aurora' })));
  await attempt('sendBeacon', async () => {
    navigator.sendBeacon(target.url + '/logs', '');
    return null;
  });
  await attempt('EventSource', () => soon(new Promise((resolve) => {
    const source = new EventSource(target.url + '/events');
    const done = (what) => { source.close(); resolve(what); };
    source.onerror = () => done(null);
    source.onmessage = ({ data }) => done(data);
    for (const name of ['hello', 'frame', 'event']) source.addEventListener(name, ({ data }) => done(data));
    source.onopen = () => wait(500).then(() => done('open'));
  })));
  const socket = (path, protocols, frame) => soon(new Promise((resolve) => {
    const ws = new WebSocket(target.url.replace('http', 'ws') + path, protocols);
    ws.onerror = () => resolve(null);
    ws.onmessage = ({ data }) => { ws.close(); resolve(data); };
    ws.onopen = () => ws.send(JSON.stringify(frame));
  }));
  const message = (content) => ({
    event: 'message.send', id: 1, data: { sessionId: target.session, message: { role: 'user', content } },
  });
  await attempt('baseline socket', () => socket('/chat-sessions', [], message('[[tokens=1]] by socket')));
  await attempt('callboard.v1 socket', () =>
    socket('/chat-sessions', ['callboard.v1'], message('[[tokens=1]] by v1')));
  await attempt('/live socket', () => socket('/live', ['callboard.v1'], message('[[tokens=1]] by live')));

  const added = (tag, attributes) => {
    const element = Object.assign(document.createElement(tag), attributes);
    document.body.append(element);
    return element;
  };
  const loaded = (element) => soon(new Promise((resolve) => {
    element.onload = () => resolve('loaded');
    element.onerror = () => resolve(null);
  }));
  const inFrame = (frame) => {
    try { return frame.contentDocument?.body?.innerText || null; } catch { return null; }
  };
  await attempt('form', async () => {
    const frame = added('iframe', { name: 'answer' });
    const form = added('form', { method: 'POST', action: target.url + '/logs', target: 'answer' });
    const answered = loaded(frame);
    form.submit();
    await answered;
    return inFrame(frame);
  });
  await attempt('iframe', async () => {
    const frame = added('iframe', { src: target.url + '/chat-sessions' });
    await loaded(frame);
    return inFrame(frame);
  });
  await attempt('img', () => loaded(added('img', { src: target.url + '/files/' + target.file })));
  await attempt('script of data', () => loaded(added('script', { src: target.url + '/chat-sessions' })));
  await attempt('script of the page', () => loaded(added('script', { src: target.url + target.script })));
  await attempt('stylesheet', () =>
    loaded(added('link', { rel: 'stylesheet', href: target.url + target.script.replace(/js$/, 'css') })));
  await attempt('DELETE', () => read('/chat-sessions/' + target.session, { method: 'DELETE' }));
  return seen;
}`;
