/** Goal: the code in README works as it is. Method: a real server, and that code in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { startServer, temporaryFolder } from '../../processes/server-process.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The first TypeScript of the section "Use the client". */
function snippet(): string {
  const section = readFileSync(`${root}README.md`, 'utf8').split('## Use the client\n')[1] ?? '';
  return /```ts\n(.*?)```/s.exec(section)?.[1] ?? '';
}

describe('the client in README', () => {
  it('[CLT9] asks for the time and is told', async () => {
    const folder = await temporaryFolder();
    const server = await startServer({ dataFolder: folder.path });
    const code = snippet().replace('http://localhost:3000', server.url);
    expect(code).toContain(server.url);
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { out: '', errors: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.errors += text;
    });
    const [status] = await once(child, 'close');
    expect({ status, errors: said.errors }).toEqual({ status: 0, errors: '' });
    expect(said.out.split('\n').filter(Boolean).at(-1)).toMatch(/^assistant: .*\d\d:\d\d.*\.$/);
    await server.end();
    await folder.remove();
  });
});
