/** The client library as a browser application uses it: bundled to one module, in a page. */
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

export type Bundle = { readonly code: string; readonly gzipBytes: number };

export async function bundledClient(): Promise<Bundle> {
  const input = fileURLToPath(new URL('../../src/client/client.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const [{ code }] = output;
  return { code, gzipBytes: gzipSync(code).length };
}

/** Shows the messages of the session in its query, and records each text that it showed. */
const page = `<!doctype html>
<meta charset="utf-8">
<title>Callboard</title>
<ol id="messages"></ol>
<script type="module">
  import { connect } from '/client.js';
  const query = new URLSearchParams(location.search);
  const violations = [];
  const client = connect({
    url: query.get('url'),
    backoff: { firstMs: 20, maxMs: 200 },
    websocketFailuresMax: Number(query.get('failures') ?? 3),
    onViolation: (violation) => violations.push(violation),
  });
  const session = client.session(query.get('session'));
  const states = [];
  const texts = [];
  client.state.subscribe((state) => states.push(state));
  session.messages.subscribe((messages) => {
    const list = document.querySelector('#messages');
    list.replaceChildren(...messages.map(({ role, content }) => {
      const item = document.createElement('li');
      item.className = role;
      item.textContent = content;
      return item;
    }));
    const answer = messages.findLast(({ role }) => role === 'assistant');
    if (answer !== undefined && answer.content !== texts.at(-1)) texts.push(answer.content);
  });
  globalThis.callboard = { client, session, states, texts, violations };
</script>
`;

/** Serves the page at `/` and the library at `/client.js`, on a free port. */
export async function servePage(
  bundle: Bundle,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server: Server = createServer((request, response) => {
    const isCode = request.url?.startsWith('/client.js') === true;
    response.setHeader('content-type', isCode ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isCode ? bundle.code : page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
