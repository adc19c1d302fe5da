/**
 * An answer that an outside agent pushes as lines of one request, and the bare parsing of the same lines. The pieces are
 * those that the rehearsal engine would say.
 */
import { request } from 'node:http';
import { z } from 'zod';
import { pushedPartSchema } from '../../schema/pushed-turn.ts';
import { rehearsalPieces } from '../../src/engines/rehearsal-text.ts';
import { JsonLines } from '../../src/gateway/http/json-lines.ts';
import { callRest } from './rest.ts';

const linesSchema = z.object({
  tokens: z.number().int(),
  /** How many lines are written at once; then the event loop gets a turn. */
  linesPerWrite: z.number().int(),
});
type Lines = z.infer<typeof linesSchema>;

export const pushSchema = linesSchema.extend({ port: z.number().int(), sessionId: z.string() });
const startedSchema = z.object({ turnId: z.string(), lease: z.string() });

/** Resolves when the answer has ended, and a crash cannot take it back. */
export async function pushAnswer({ port, sessionId, ...lines }: z.infer<typeof pushSchema>): Promise<void> {
  const started = await callRest(port, `/chat-sessions/${sessionId}/turns`, { agent: 'bench' });
  const { turnId, lease } = startedSchema.parse(started);
  await pushLines({ port, turnId, lease, writes: writesOf(lines) });
  await callRest(port, `/turns/${turnId}/finish`, { lease, seq: lines.tokens });
}

async function pushLines(options: {
  readonly port: number;
  readonly turnId: string;
  readonly lease: string;
  readonly writes: readonly Buffer[];
}): Promise<void> {
  const { port, turnId, lease, writes } = options;
  const headers = { 'content-type': 'application/x-ndjson', 'callboard-lease': lease };
  const path = `/turns/${turnId}/parts`;
  const sent = request({ host: '127.0.0.1', port, path, method: 'POST', headers });
  const answered = new Promise<void>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`the stream was answered ${response.statusCode}`));
    });
  });
  for (const bytes of writes) {
    if (!sent.write(bytes)) {
      await Promise.race([new Promise<void>((resolve) => sent.once('drain', resolve)), answered]);
    } else {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
  sent.end();
  await answered;
}

function writesOf({ tokens, linesPerWrite }: Lines): readonly Buffer[] {
  const writes: Buffer[] = [];
  let lines = '';
  let seq = 0;
  for (const text of rehearsalPieces('pushed')) {
    seq++;
    lines += `${JSON.stringify({ seq, type: 'text', text })}\n`;
    if (seq % linesPerWrite === 0 || seq === tokens) {
      writes.push(Buffer.from(lines));
      lines = '';
    }
    if (seq === tokens) break;
  }
  return writes;
}

/** `checked`: each line is held against the schema of parts, too. */
export const parsingSchema = linesSchema.extend({ checked: z.boolean() });

/** Milliseconds of this process. */
export function parsingCpuMs({ checked, ...lines }: z.infer<typeof parsingSchema>): number {
  const writes = writesOf(lines);
  const reader = new JsonLines(linesBytesMax);
  let parts = 0;
  const before = process.cpuUsage();
  for (const bytes of writes) {
    reader.next(bytes, (line) => {
      const value: unknown = JSON.parse(line);
      if (!checked || pushedPartSchema.safeParse(value).success) parts++;
      return true;
    });
  }
  const { user, system } = process.cpuUsage(before);
  if (parts !== lines.tokens) throw new Error(`only ${parts} of ${lines.tokens} lines are parts`);
  return (user + system) / 1000;
}

const linesBytesMax = 1_000_000;
