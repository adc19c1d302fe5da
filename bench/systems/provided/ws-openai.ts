/** The `ws` loop with a real provider: deltas of what the `openai` package reads, to the sockets of the session. */
import OpenAI from 'openai';
import { beginExchange, type Emit } from '../exchange.ts';
import { providerPlace, serveProvided } from '../serve.ts';
import { startWsLoop } from '../ws-server.ts';

const { url } = providerPlace();
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'bench', maxRetries: 0 });

async function answer(session: string, content: string, emit: Emit): Promise<void> {
  const exchange = beginExchange(session, content, 'delta', emit);
  const stream = await client.chat.completions.create({
    model: 'model',
    messages: [{ role: 'user', content }],
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) {
    const text = chunk.choices[0]?.delta.content;
    if (text) exchange.token(text);
  }
  exchange.end();
}

await serveProvided(startWsLoop((session, content, emit) => void answer(session, content, emit)));
