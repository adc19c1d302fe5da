/** Rows of docs/baseline-differences.md that need a provider: what it sends in one piece of HTTP. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAiAnswer } from '../../fakes/providers/openai-stream.ts';
import { type ScriptedProvider, startProvider } from '../../fakes/providers/scripted-provider.ts';
import { BaselineServer } from './baseline-server.ts';

const words = Array.from({ length: 200 }, (_, index) => `word ${index} `);

let provider: ScriptedProvider;
let at: BaselineServer;
beforeAll(async () => {
  provider = await startProvider(() => openAiAnswer({ text: words }));
  const local = { type: 'openai-compatible', baseUrl: `${provider.url}/v1`, models: ['small'] };
  at = await BaselineServer.start({}, { config: { defaultModel: 'local/small', providers: { local } } });
});
afterAll(async () => {
  await at.remove();
  await provider.stop();
});

it('D99 tokens that came together are one message.partial, and nothing of them is lost', async () => {
  const session = await at.newSession();
  await at.ask(session, 'Tell me everything at once');
  const contents = at.told(session, 'message.partial').map(({ data }) => String(data['content']));
  expect(contents.length).toBeGreaterThan(0);
  expect(contents.length).toBeLessThan(words.length);
  expect(contents.at(-1)).toBe(words.join(''));
  for (const [index, content] of contents.entries())
    expect(content.startsWith(contents[index - 1] ?? '')).toBe(true);
});
