/** Asks the provider over undici, and passes on the bytes that it answers. */
import { Agent, request } from 'undici';
import { providerPlace } from '../serve.ts';

const { url, format } = providerPlace();
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
const path = format === 'anthropic' ? '/v1/messages' : '/v1/chat/completions';

export async function readProvider(
  content: string,
  onBytes: (bytes: Buffer) => void,
  onEnd: () => void,
): Promise<void> {
  const messages = [{ role: 'user', content }];
  const { body } = await request(`${url}${path}`, {
    dispatcher: agent,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: JSON.stringify({ model: 'model', messages, stream: true }),
  });
  body.on('data', onBytes);
  body.on('end', onEnd);
}
