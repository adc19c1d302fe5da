/** Which model answers, which models clients may choose, and what the catalogue shows. */
import { expect, test } from 'vitest';
import type { Log } from '../../../../actors/ports.ts';
import { systemClock } from '../../../../src/clock.ts';
import { providersSchema } from '../../../../src/config/engine-settings.ts';
import { isRehearsalOn, modelProblem } from '../../../../src/config/model-choice.ts';
import { createChoosingEngine } from '../../../../src/engines/providers/choosing-engine.ts';
import { createRehearsalEngine } from '../../../../src/engines/rehearsal-engine.ts';
import { memoryFileStore } from '../../../fakes/memory-file-store.ts';
import { modelRequest, partsOf, secretKey } from './model-call.ts';

const nothing = () => {};
const log: Log = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
const providers = {
  ...providersSchema.parse({
    main: { type: 'openai', apiKey: secretKey, models: ['gpt-5', { id: 'gpt-5-mini', label: 'Small' }] },
    spare: { type: 'anthropic' },
  }),
};
if (providers['spare'] !== undefined) {
  providers['spare'] = { ...providers['spare'], apiKeyVariable: 'ANTHROPIC_API_KEY' };
}
const { engine, catalog } = createChoosingEngine({
  providers,
  rehearsal: createRehearsalEngine({ clock: systemClock, tokens: 3, delayMs: 0 }),
  defaultModel: 'rehearsal',
  files: memoryFileStore(),
  clock: systemClock,
  log,
});

test('without a choice the default answers', async () => {
  const clock = { name: 'clock', description: 'Tells the time', inputSchema: { type: 'object' } } as const;
  const parts = await partsOf(engine, modelRequest({ options: {}, tools: [clock] }));
  // Like the rehearsal engine's answer to a question about the time.
  expect(parts.map((part) => (part.type === 'tool-call' ? part.name : part.type))).toEqual([
    'clock',
    'finish',
  ]);
});

test.each([
  ['main/gpt-5', null],
  ['main/family/gpt-5', null],
  ['rehearsal', null],
  ['other/gpt-5', 'bad_request'],
  ['gpt-5', 'bad_request'],
  ['/gpt-5', 'bad_request'],
  ['main/', 'bad_request'],
])('choosing %s', (model, code) => {
  expect(engine.refusal?.({ model })?.code ?? null).toBe(code);
});

test('the catalogue shows what is configured and whether it can be used, and no secret', () => {
  expect(catalog.list()).toEqual([
    expect.objectContaining({ name: 'rehearsal', available: true, accepts: ['image', 'pdf', 'audio'] }),
    expect.objectContaining({
      name: 'main',
      adapter: 'lean',
      available: true,
      accepts: ['image', 'pdf'],
      models: [{ id: 'gpt-5' }, { id: 'gpt-5-mini', label: 'Small' }],
    }),
    expect.objectContaining({
      name: 'spare',
      available: false,
      problem: 'The provider spare has no API key: set the environment variable ANTHROPIC_API_KEY',
    }),
  ]);
  expect(JSON.stringify(catalog.list())).not.toContain(secretKey);
});

test('[FIL31] what a model takes is its own setting, else its provider’s, else what is usual', () => {
  const settings = providersSchema.parse({
    plain: { type: 'openai' },
    sighted: {
      type: 'openai-compatible',
      baseUrl: 'http://127.0.0.1:1',
      accepts: ['image'],
      models: [{ id: 'ears', accepts: ['audio'] }, { id: 'blind', accepts: [] }, 'eyes'],
    },
    unknown: { type: 'openai-compatible', baseUrl: 'http://127.0.0.1:1' },
  });
  const { engine: choosing } = createChoosingEngine({
    providers: settings,
    rehearsal: createRehearsalEngine({ clock: systemClock }),
    defaultModel: 'unknown/any',
    files: memoryFileStore(),
    clock: systemClock,
    log,
  });
  const takes = (model?: string) => choosing.accepts?.(model === undefined ? {} : { model });
  expect(takes('plain/any')).toEqual(['image', 'pdf']);
  expect(takes('sighted/ears')).toEqual(['audio']);
  expect(takes('sighted/blind')).toEqual([]);
  expect(takes('sighted/eyes')).toEqual(['image']);
  expect(takes('sighted/other')).toEqual(['image']);
  expect(takes()).toEqual([]);
  expect(takes('rehearsal')).toBe('everything');
  expect(takes('nobody/any')).toEqual([]);
});

test('[FIL31] nobody can say that a model takes what its format cannot carry', () => {
  const audio = { type: 'anthropic', models: [{ id: 'claude', accepts: ['audio'] }] };
  expect(providersSchema.safeParse({ audio }).success).toBe(false);
});

test('we read the formats that we know, unless told otherwise, and the SDK reads the others', () => {
  const baseUrl = 'http://127.0.0.1:1/v1';
  const parsed = providersSchema.parse({
    openai: { type: 'openai' },
    told: { type: 'openai', adapter: 'sdk' },
    anthropic: { type: 'anthropic' },
    local: { type: 'openai-compatible', baseUrl },
    responses: { type: 'openai-responses' },
    google: { type: 'google' },
  });
  const adapters = Object.entries(parsed).map(([name, { adapter }]) => [name, adapter]);
  expect(Object.fromEntries(adapters)).toEqual({
    openai: 'lean',
    told: 'sdk',
    anthropic: 'lean',
    local: 'lean',
    responses: 'sdk',
    google: 'sdk',
  });
  for (const type of ['google', 'openai-responses']) {
    expect(providersSchema.safeParse({ one: { type, adapter: 'lean' } }).success).toBe(false);
  }
});

test('a default that cannot answer is told at start', () => {
  const problem = (defaultModel: string) =>
    modelProblem('defaultModel', defaultModel, { rehearsal: 'off', defaultModel, providers });
  expect(problem('rehearsal')).toBeUndefined();
  expect(problem('main/gpt-5')).toBeUndefined();
  expect(problem('spare/claude')).toContain('ANTHROPIC_API_KEY');
  expect(problem('none/x')).toContain('no provider named "none"');
  expect(problem('gpt-5')).toContain('<provider>/<model>');
});

test('[CHO6] beside a real default the rehearsal engine is off: not chosen, not shown, and silent in older sessions', async () => {
  const { engine: real, catalog: shown } = createChoosingEngine({
    providers,
    rehearsal: null,
    defaultModel: 'main/gpt-5',
    files: memoryFileStore(),
    clock: systemClock,
    log,
  });
  expect(real.refusal?.({ model: 'rehearsal' })).toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining('`rehearsal: on`'),
  });
  expect(shown.list().map(({ name }) => name)).toEqual(['main', 'spare']);
  expect(await partsOf(real, modelRequest({ options: { model: 'rehearsal' } }))).toEqual([
    { type: 'error', code: 'configuration', message: expect.stringContaining('`rehearsal: on`') },
  ]);
  const config = { defaultModel: 'main/gpt-5', providers };
  expect(modelProblem('titleModel', 'rehearsal', { ...config, rehearsal: 'off' })).toContain('titleModel');
  expect(modelProblem('titleModel', 'rehearsal', { ...config, rehearsal: 'on' })).toBeUndefined();
  expect(isRehearsalOn({ rehearsal: 'off', defaultModel: 'rehearsal' })).toBe(true);
  expect(isRehearsalOn({ rehearsal: 'off', defaultModel: 'main/gpt-5' })).toBe(false);
});
