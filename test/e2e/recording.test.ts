/** Recordings over REST, of the real server as a process: what a script fetches, and who may. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordingParts } from '../../schema/session-recording.ts';
import { request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: ServerProcess;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  expect(await server.end()).toBe(0);
  await folder.remove();
});

const start = async (env: Record<string, string> = {}) => {
  server = await startServer({ dataFolder: folder.path, env });
};
const session = async (title: string, query = '') =>
  textAt((await request(server.url, 'POST', `/chat-sessions${query}`, { title })).body, 'id');

it('[INS14] a script fetches a session as a file to keep, deleted or not', { timeout: 60_000 }, async () => {
  await start();
  const id = await session('Ünïcode / "quoted" </script>');
  const path = `${server.url}/inspect/sessions/${id}/recording`;
  const got = await fetch(path);
  expect(got.status).toBe(200);
  expect(got.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(got.headers.get('content-disposition')).toMatch(/^attachment; filename=/);
  expect(decodeURIComponent(got.headers.get('content-disposition') ?? '')).toContain(
    "UTF-8''callboard-Ünïcode - _quoted_ _-script_.html",
  );
  // Nothing in it runs where it came from.
  expect(got.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
  expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  expect(got.headers.get('cache-control')).toBe('no-store');
  const text = await got.text();
  expect(text.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
  expect(text.endsWith('</html>\n')).toBe(true);
  expect(text).toContain(`id="${recordingParts.head}"`);
  expect(text).not.toContain('</script>"');
  // Everything that it needs is in it.
  expect(text.match(/<(?:script|link|img|iframe)[^>]*\s(?:src|href)="(?!data:)/g)).toBeNull();
  const head = await fetch(path, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect((await request(server.url, 'DELETE', `/chat-sessions/${id}`)).status).toBe(204);
  const deleted = await fetch(path);
  expect(deleted.headers.get('content-disposition')).toBe(`attachment; filename=callboard-${id}.html`);
  expect(await deleted.text()).toContain('session.deleted');
  const unknown = '00000000-0000-4000-8000-000000000000';
  for (const [wrong, status] of [
    ['no-uuid', 400],
    [unknown, 404],
  ] as const)
    expect((await fetch(`${server.url}/inspect/sessions/${wrong}/recording`)).status).toBe(status);
});

it('[INS14] only an inspector gets one', async () => {
  await start({ CALLBOARD_API_KEYS: 'ordinary', CALLBOARD_INSPECT_KEYS: 'special', CALLBOARD_WEB: 'off' });
  const id = await session('Guarded', '?apiKey=ordinary');
  const status = async (query: string) =>
    (await fetch(`${server.url}/inspect/sessions/${id}/recording${query}`)).status;
  expect(await status('')).toBe(401);
  expect(await status('?apiKey=ordinary')).toBe(403);
  // A server without pages has none to put into a file.
  expect(await status('?apiKey=special')).toBe(404);
});
