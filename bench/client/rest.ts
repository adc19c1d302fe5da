/** REST calls of the load client, the same for every system: making sessions, and asking for answers. */
import { Agent, request } from 'node:http';
import { z } from 'zod';

const agent = new Agent({ keepAlive: true, maxSockets: 1024 });
const withIdSchema = z.object({ id: z.string() });

/** Rejects for any status but 200, 201 and 204. */
export async function callRest(
  port: number,
  path: string,
  body: unknown,
  { method = 'POST', key }: { readonly method?: string; readonly key?: string | undefined } = {},
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(sent === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  request({ agent, host: '127.0.0.1', port, path, method, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const status = response.statusCode;
      if (status === 204) resolve(undefined);
      else if (status === 200 || status === 201) resolve(JSON.parse(text));
      else reject(new Error(`${method} ${path}: ${status} ${text}`));
    });
  })
    .on('error', reject)
    .end(sent);
  return promise;
}

export async function createSession(port: number, key?: string): Promise<string> {
  return withIdSchema.parse(await callRest(port, '/chat-sessions', { title: 'bench' }, { key })).id;
}

/** Runs `make` for 0 … `count` − 1, `atOnce` at a time; results in order. */
export async function inParallel<Value>(
  count: number,
  atOnce: number,
  make: (index: number) => Promise<Value>,
): Promise<Value[]> {
  const made: Value[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
  return made;
}
