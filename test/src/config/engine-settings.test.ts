/** The structured part of the config file: references to the environment, keys, and mistakes without secrets. */
import { describe, expect, it } from 'vitest';
import { everyOption } from '../../../schema/client-choices.ts';
import { readEngineSettings } from '../../../src/config/read-engine-settings.ts';

function read(file: object, env: Record<string, string> = {}) {
  return readEngineSettings(new Map(Object.entries(file)), env, 'callboard.config.json');
}

function problems(file: object, env?: Record<string, string>): string {
  const found = read(file, env);
  if (found.ok) throw new Error('the settings were accepted');
  return found.problems.join('\n');
}

const of = (name: string) => `\${${name}}`;

describe('the config of models and tools', () => {
  it('finds keys in the variables of their providers, or in the file', () => {
    const providers = {
      openai: { type: 'openai', models: ['gpt-5-mini', { id: 'gpt-5', label: 'Large' }] },
      claude: { type: 'anthropic', apiKeyVariable: 'MY_KEY' },
      local: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'in-the-file' },
    };
    const found = read({ providers }, { OPENAI_API_KEY: 'a', MY_KEY: '' });
    expect(found).toMatchObject({
      ok: true,
      settings: {
        providers: {
          openai: {
            apiKey: 'a',
            apiKeyVariable: 'OPENAI_API_KEY',
            models: [{ id: 'gpt-5-mini' }, { label: 'Large' }],
          },
          claude: { apiKey: undefined, apiKeyVariable: 'MY_KEY' },
          local: { apiKey: 'in-the-file', apiKeyVariable: undefined },
        },
      },
    });
  });

  it('puts variables where the file refers to them, and names those that are not set', () => {
    const mcpServers = {
      one: { command: `${of('BIN')}/tool`, args: [`--dir=${of('DIR')}`], env: { TOKEN: of('TOKEN') } },
      two: {
        type: 'streamable-http',
        url: 'https://example.org/mcp',
        headers: { Authorization: `Bearer ${of('TOKEN')}` },
      },
    };
    expect(read({ mcpServers }, { BIN: '/bin', DIR: '/data', TOKEN: 's3cret' })).toMatchObject({
      settings: {
        mcpServers: {
          one: { type: 'stdio', command: '/bin/tool', args: ['--dir=/data'], env: { TOKEN: 's3cret' } },
          two: { type: 'http', headers: { Authorization: 'Bearer s3cret' }, approval: 'unlessReadOnly' },
        },
      },
    });
    expect(problems({ mcpServers }, { BIN: '/bin' })).toBe(
      [
        'callboard.config.json refers to an environment variable that is not set: mcpServers: DIR',
        'callboard.config.json refers to an environment variable that is not set: mcpServers: TOKEN',
      ].join('\n'),
    );
  });

  it.each([
    [{ providers: { 'a b': { type: 'openai' } } }, 'providers.a b'],
    [{ providers: { rehearsal: { type: 'openai' } } }, 'rehearsal is built in'],
    [
      { providers: { x: { type: 'openai-compatible' } } },
      'providers.x.baseUrl is not as it should be: is needed',
    ],
    [{ providers: { x: { type: 'openai', apiKye: 's3cret' } } }, 'providers.x has an unknown key "apiKye"'],
    [{ providers: { x: { type: 'openai', apiKey: 7 } } }, 'providers.x.apiKey'],
    [{ modelOptions: { temperature: 9 } }, 'modelOptions.temperature'],
    [{ modelOptions: { model: 'a/b' } }, 'modelOptions has an unknown key "model"'],
    [{ tools: { clock: { approval: 'maybe' } } }, 'tools.clock.approval'],
    [{ mcpServers: { x: {} } }, 'mcpServers.x'],
    [{ mcpServers: { x: { command: 'a', args: 's3cret' } } }, 'mcpServers.x.args is not as it should be'],
    [{ mcpServers: [] }, 'mcpServers'],
  ])('says where a mistake is and never shows a value: %j', (file, words) => {
    const told = problems(file);
    expect(told).toContain(words);
    expect(told).not.toContain('s3cret');
  });

  it('[CHO1] [CHO2] [CHO4] reads what clients may choose, and names what is wrong in it', () => {
    expect(read({ clientModels: ['openai/*'] })).toMatchObject({
      settings: { clientModels: { everybody: ['openai/*'] }, clientOptions: everyOption },
    });
    const byScope = { everybody: ['openai/gpt-5-mini'], admin: ['*'] };
    const clientOptions = { systemPrompt: 'deny', maxOutputTokens: { max: 1000 } };
    expect(
      read({ clientModels: byScope, clientOptions, tools: { 'files__*': { scope: 'tools' } } }),
    ).toMatchObject({
      settings: {
        clientModels: byScope,
        clientOptions: { ...everyOption, ...clientOptions },
        tools: { 'files__*': { scope: 'tools' } },
      },
    });
    expect(problems({ clientModels: { nobody: [] } })).toContain('clientModels');
    expect(problems({ clientOptions: { temper: 'deny' } })).toContain('"temper"');
    expect(problems({ clientOptions: { systemPrompt: { max: 1 } } })).toContain('clientOptions.systemPrompt');
    expect(problems({ clientOptions: { temperature: { min: 2, max: 1 } } })).toContain('min must not be');
    expect(problems({ tools: { echo: { scope: 'root' } } })).toContain('tools.echo.scope');
  });
});
