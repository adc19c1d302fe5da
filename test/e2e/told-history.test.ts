/**
 * What a model is told of the life of its session, end to end: the real server, a provider over HTTP that writes down
 * what it is given and refuses what real ones refuse, and the reference server of MCP. One row a life.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cutText } from '../../schema/preview.ts';
import { openAiAnswer } from '../fakes/providers/openai-stream.ts';
import {
  type ProviderRequest,
  type ScriptedAnswer,
  type ScriptedProvider,
  startProvider,
} from '../fakes/providers/scripted-provider.ts';
import { type BaselineClient, openBaselineClient, request, textAt } from '../processes/baseline-client.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { everythingServer } from '../src/tools/mcp/mcp-servers.ts';

const requestSchema = z.object({
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.string().nullish(),
      tool_calls: z.array(z.object({ id: z.string(), function: z.object({ name: z.string() }) })).optional(),
      tool_call_id: z.string().optional(),
    }),
  ),
});

/** What the provider was given, one line a message, long ones cut; calls are named by their order. */
function linesOf({ body }: ProviderRequest): readonly string[] {
  const names = new Map<string, string>();
  return requestSchema
    .parse(body)
    .messages.map(({ role, content, tool_calls: calls = [], tool_call_id: id }) => {
      for (const call of calls)
        names.set(call.id, `${call.function.name.replace('everything__', '')}#${names.size + 1}`);
      const asked = calls.map((call) => ` → ${names.get(call.id)}`).join('');
      return `${role}${id === undefined ? '' : ` of ${names.get(id)}`}: ${cutText(content ?? '', 80)}${asked}`;
    });
}

/** One character is one token, as of a strict provider of another script. */
function tokensOf({ body }: ProviderRequest): number {
  return requestSchema.parse(body).messages.reduce((sum, { content }) => sum + (content ?? '').length, 0);
}

const echo = (message: string) => ({
  id: 'call_0',
  name: 'everything__echo',
  arguments: JSON.stringify({ message }),
});
const endless = {
  id: 'call_0',
  name: 'everything__trigger-long-running-operation',
  arguments: '{"duration":60,"steps":60}',
};

const refused = (status: number, error: object): ScriptedAnswer => ({
  status,
  headers: { 'content-type': 'application/json' },
  steps: [{ send: JSON.stringify({ error }) }],
});
const tooLong = refused(400, { message: 'That is too long', code: 'context_length_exceeded' });
const says = (...text: readonly string[]) => openAiAnswer({ text });

describe('what a model is told', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let provider: ScriptedProvider;
  let server: ServerProcess;
  let client: BaselineClient;
  let answer: (given: ProviderRequest) => ScriptedAnswer = () => says('Fine.');

  beforeAll(async () => {
    folder = await temporaryFolder();
    provider = await startProvider((given) => answer(given));
    const config = {
      defaultModel: 'local/small',
      providers: { local: { type: 'openai-compatible', baseUrl: `${provider.url}/v1`, models: ['small'] } },
      mcpServers: { everything: everythingServer },
    };
    await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
    server = await startServer({ dataFolder: folder.path });
    client = await openBaselineClient(server.url);
  }, 60_000);

  afterAll(async () => {
    client.close();
    expect(await server.end()).toBe(0);
    await provider.stop();
    await folder.remove();
  });

  /** A new session that is lived through; `model` chooses one of which nothing is known yet. */
  async function newLife(model: string) {
    const created = await request(server.url, 'POST', '/chat-sessions', {
      title: 'A life',
      options: { model: `local/${model}` },
    });
    const id = textAt(created.body, 'id');
    const first = provider.requests.length;
    const ofSession = (event: string, state?: string) =>
      client.frames.filter(
        ({ event: name, data }) =>
          name === event && data['sessionId'] === id && (state === undefined || data['state'] === state),
      ).length;
    let turns = 0;
    const say = async (content: string, role = 'user') => {
      await request(server.url, 'POST', `/chat-sessions/${id}/messages`, { role, content });
      if (role === 'user') turns++;
    };
    const done = () => client.until(() => ofSession('agent.activity', 'idle') >= turns);
    return {
      say,
      done,
      ask: async (content: string) => {
        await say(content);
        await done();
      },
      until: (event: string, count: number) => client.until(() => ofSession(event) >= count),
      cancel: () => request(server.url, 'POST', `/chat-sessions/${id}/cancel`, {}),
      requests: () => provider.requests.slice(first),
      last: () => linesOf(provider.requests.at(-1) ?? { path: '', headers: {}, body: { messages: [] } }),
      traceError: async () => {
        const { body } = await request(server.url, 'GET', '/traces');
        const own = z
          .array(z.object({ sessionId: z.string(), metadata: z.object({ error: z.string().optional() }) }))
          .parse(body)
          .find(({ sessionId }) => sessionId === id);
        return own?.metadata.error;
      },
    };
  }

  /** The answers of the provider, in turn; then it says that all is fine. */
  function script(...answers: readonly ScriptedAnswer[]): void {
    const left = [...answers];
    answer = () => left.shift() ?? says('Fine.');
  }

  it('[HIS1] [HIS3] a tool that ran, and then a model call that was refused: the next question knows', async () => {
    script(openAiAnswer({ calls: [echo('paid')] }), refused(400, { message: 'No, and here is a secret' }));
    const life = await newLife('refuses');
    await life.ask('Pay invoice 17');
    await life.ask('Is it paid?');
    expect(life.last()).toEqual([
      'user: Pay invoice 17',
      'assistant:  → echo#1',
      'tool of echo#1: Echo: paid',
      'assistant: [This answer failed before it was complete.]',
      'user: Is it paid?',
    ]);
  });

  it('[HIS2] cancelled while a second tool ran: the first call has its result, the second says why not', async () => {
    script(openAiAnswer({ text: ['I pay.'], calls: [echo('paid')] }), openAiAnswer({ calls: [endless] }));
    const life = await newLife('cancelled');
    await life.say('Pay invoice 17');
    await life.until('tool.call', 2);
    await life.cancel();
    await life.done();
    await life.ask('Is it paid?');
    expect(life.last()).toEqual([
      'user: Pay invoice 17',
      'assistant: I pay. → echo#1',
      'tool of echo#1: Echo: paid',
      'assistant:  → trigger-long-running-operation#2',
      'tool of trigger-long-running-operation#2: Cancelled',
      'assistant: [This answer was cancelled before it was complete.]',
      'user: Is it paid?',
    ]);
  });

  it('[HIS1] steps stay steps: calls that depend on each other never become parallel ones', async () => {
    script(
      openAiAnswer({ text: ['First A.'], calls: [echo('a')] }),
      openAiAnswer({ text: ['Now B.'], calls: [echo('b')] }),
      says('Done.'),
    );
    const life = await newLife('steps');
    await life.ask('Do both');
    await life.ask('And now?');
    expect(life.last()).toEqual([
      'user: Do both',
      'assistant: First A. → echo#1',
      'tool of echo#1: Echo: a',
      'assistant: Now B. → echo#2',
      'tool of echo#2: Echo: b',
      'assistant: Done.',
      'user: And now?',
    ]);
  });

  it('[HIS1] questions that were sent at once stand with their answers', async () => {
    script(says('a1'), says('a2'), says('a3'));
    const life = await newLife('queues');
    for (const question of ['q1', 'q2', 'q3']) await life.say(question);
    await life.done();
    await life.ask('q4');
    expect(life.last()).toEqual([
      'user: q1',
      'assistant: a1',
      'user: q2',
      'assistant: a2',
      'user: q3',
      'assistant: a3',
      'user: q4',
    ]);
  });

  it('[HIS4] a blank answer has failed, and nothing blank is ever sent', async () => {
    script(says('\n\n '));
    const life = await newLife('blank');
    await life.say('\n', 'assistant');
    await life.ask('Anything?');
    await life.ask(' ');
    expect(life.last()).toEqual([
      'user: Anything?',
      'assistant: [This answer failed before it was complete.]',
      'user: [an empty message]',
    ]);
  });

  const strict = (tokensMax: number, counts: boolean) => (given: ProviderRequest) => {
    const tokens = tokensOf(given);
    if (tokens > tokensMax) return tooLong;
    return openAiAnswer({ text: ['好'], usage: { prompt: counts ? tokens : 7, completion: 1 } });
  };

  it('[HIS5] [HIS6] ten long messages of Chinese characters fit a strict model of 32,768 tokens', async () => {
    answer = strict(32_768, true);
    const life = await newLife('strict');
    for (let count = 0; count < 10; count++) await life.ask('漢'.repeat(3780));
    expect(life.requests()).toHaveLength(10);
    expect(life.last().at(-1)).toMatch(/^user: 漢+…$/);
    expect(life.last().length).toBeGreaterThan(12);
  });

  it('[HIS5] a model that takes less than was thought is asked with less, and remembers it', async () => {
    answer = strict(9000, false);
    const life = await newLife('small-one');
    for (let count = 0; count < 12; count++) await life.ask('漢'.repeat(1500));
    // Once it was too long; those after that did not begin all over again, and still tell what there is room for.
    expect(life.requests().filter((given) => tokensOf(given) > 9000)).toHaveLength(1);
    expect(life.last()[0]).toMatch(/^system: \[\d+ earlier messages of this conversation are left out/);
    expect(life.last().length).toBeGreaterThan(5);
    // What was learned in one session holds for the next.
    const other = await newLife('small-one');
    for (let count = 0; count < 8; count++) await other.ask('漢'.repeat(1500));
    expect(other.requests()).toHaveLength(8);
  });

  it('[HIS7] a provider that has no name for what is too long is asked with less, and it is remembered', async () => {
    const invalid = {
      message: 'No',
      type: 'BadRequestError',
      code: 400,
    };
    answer = (given) => (tokensOf(given) > 9000 ? refused(400, invalid) : says('好'));
    const life = await newLife('nameless');
    for (let count = 0; count < 12; count++) await life.ask('漢'.repeat(1500));
    expect(life.requests().filter((given) => tokensOf(given) > 9000).length).toBeLessThanOrEqual(2);
    expect(life.last().at(-2)).toBe('assistant: 好');
  });

  it('[HIS7] whatever it is in a history that a provider refuses: the next question is answered without it', async () => {
    answer = (given) =>
      JSON.stringify(given.body).includes('poison') ? refused(400, { message: 'No' }) : says('Fine.');
    const life = await newLife('picky');
    await life.ask('Here is poison');
    expect(life.requests()).toHaveLength(1);
    expect(await life.traceError()).not.toContain('too long');
    await life.ask('And now?');
    expect(life.last()).toEqual([expect.stringContaining('left out'), 'user: And now?']);
  });

  it('[HIS5] a message that is too long by itself is refused in words, and the next one is answered', async () => {
    answer = strict(1000, false);
    const life = await newLife('tiny');
    await life.ask('hello');
    await life.ask('漢'.repeat(3780));
    expect(await life.traceError()).toContain('the message alone is too long: ');
    expect(life.requests().length).toBeLessThanOrEqual(7);
    const before = life.requests().length;
    await life.ask('hello again');
    expect(life.requests().length - before).toBeLessThanOrEqual(2);
    expect(life.last().at(-1)).toBe('user: hello again');
    expect(tokensOf(life.requests().at(-1) ?? { path: '', headers: {}, body: {} })).toBeLessThanOrEqual(1000);
  });
});
