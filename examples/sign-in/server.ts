/**
 * A program with a sign-in of its own that embeds Callboard: people sign in on its page, and their browser's cookie says who
 * they are, to the pages of Callboard too, which lead there whoever is not signed in (`signInUrl`). Cookies belong to a
 * host, not to a port, so both may have a port of their own.
 *
 *     node examples/sign-in/server.ts --port 0 --data ./data
 *
 * It believes whoever says a name; a real one asks for a password, or its identity provider.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { startCallboard } from '../../src/callboard.ts';
import { systemClock } from '../../src/clock.ts';
import { openConfig } from '../../src/config/load-config.ts';
import { systemIds } from '../../src/ids.ts';
import { createLogging } from '../../src/logs/logging.ts';

const dayMs = 24 * 60 * 60 * 1000;
const host = '127.0.0.1';

/** Who is signed in, by the value of their cookie. */
const signedIn = new Map<string, { readonly name: string; readonly until: Date }>();

function whoHas(cookies: string | undefined) {
  const [, value = ''] = /(?:^|; )signed-in=([\w-]+)/.exec(cookies ?? '') ?? [];
  const known = signedIn.get(value);
  return known !== undefined && known.until.getTime() > Date.now() ? known : undefined;
}

const opened = openConfig({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
if (opened.ok !== true) throw new Error(opened.ok === 'exit' ? opened.text : opened.message);
const { config } = opened;
const logging = createLogging({ level: config.logLevel, clock: systemClock, ids: systemIds });
const signIn = createServer();
signIn.listen(0, host);
await once(signIn, 'listening');
const address = signIn.address();
const signInUrl = `http://${host}:${typeof address === 'object' ? address?.port : 0}/`;

const callboard = await startCallboard({ ...config, host, signInUrl }, logging, {
  authenticate: ({ headers }) => {
    const known = whoHas(headers['cookie']);
    return known === undefined
      ? null
      : { id: known.name.toLowerCase(), name: known.name, expiresAt: known.until };
  },
});
const chat = `http://${host}:${callboard.port}/`;

const form = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<form method="post"><label>Your name <input name="name" required maxlength="40" autofocus></label>
<button>Sign in</button></form></html>`;

async function nameIn(request: IncomingMessage): Promise<string | undefined> {
  const name = new URLSearchParams(await text(request)).get('name') ?? '';
  return /^[\p{L}\d .-]{1,40}$/u.test(name) ? name : undefined;
}

/** Only to the chat: whoever made the link may have written any address into it. */
function wayBack(url: string | undefined): string {
  const wanted = URL.parse(new URLSearchParams(url?.split('?')[1]).get('return') ?? '/', chat);
  return wanted?.origin === new URL(chat).origin ? wanted.href : chat;
}

signIn.on('request', async (request, response) => {
  const name = request.method === 'POST' ? await nameIn(request) : undefined;
  if (name === undefined) {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(form);
    return;
  }
  const value = randomBytes(24).toString('base64url');
  signedIn.set(value, { name, until: new Date(Date.now() + dayMs) });
  const cookie = `signed-in=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${dayMs / 1000}`;
  response.writeHead(303, { location: wayBack(request.url), 'set-cookie': cookie }).end();
});
process.stdout.write(`Sign in at ${signInUrl}\n`);

process.once('SIGTERM', () => {
  signIn.close();
  void callboard.stop().then(() => process.exit(0));
});
