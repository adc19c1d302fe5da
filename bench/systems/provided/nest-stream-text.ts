/** The baseline's shape with a real provider: its gateway sends what `streamText` of the AI SDK reads. */
import { streamText } from 'ai';
import { beginExchange, type Emit } from '../exchange.ts';
import { startNestApplication } from '../nest-application.ts';
import { serveProvided } from '../serve.ts';
import { sdkModel } from './sdk-model.ts';

const model = sdkModel();

async function answer(session: string, content: string, emit: Emit): Promise<void> {
  const exchange = beginExchange(session, content, 'whole', emit);
  for await (const text of streamText({ model, prompt: content }).textStream) exchange.token(text);
  exchange.end();
}

await serveProvided(startNestApplication((session, content, emit) => void answer(session, content, emit)));
