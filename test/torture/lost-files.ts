/** Files that were acknowledged, and whose bytes the server does not give any more. */
import { createHash } from 'node:crypto';
import type { TorturedClient, Whereabouts } from './tortured-client.ts';
import { idOf, textOf } from './tortured-session.ts';

export async function lostFiles(where: Whereabouts, client: TorturedClient): Promise<readonly string[]> {
  const lost: string[] = [];
  for (const answer of client.acknowledged.values()) {
    if (answer.path !== '/files' || answer.status !== 201) continue;
    const bytes = await bytesOf(where, `/files/${idOf(answer)}`);
    const found = createHash('sha256').update(bytes).digest('hex');
    if (found !== textOf(answer, 'sha256')) lost.push(`file ${idOf(answer)} has ${bytes.length} bytes`);
  }
  return lost;
}

/** None when it is not there. */
async function bytesOf(where: Whereabouts, path: string): Promise<Uint8Array> {
  for (;;) {
    const url = await where.url();
    const answer = await fetch(`${url}${path}`).then(
      async (response) => (response.ok ? await response.bytes() : new Uint8Array()),
      () => undefined,
    );
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
