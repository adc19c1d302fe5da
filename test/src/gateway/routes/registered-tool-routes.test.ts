/** Tools over REST: their list in pages, bodies that are refused, and what the commands pass on. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CatalogTool, catalogToolSchema } from '../../../../schema/registered-tool.ts';
import { configuredToolBox } from '../../../../src/tools/configured-tool-box.ts';
import { createToolBox } from '../../../../src/tools/tool-box.ts';
import { toolCatalog } from '../../../../src/tools/tool-catalog.ts';
import { echoTool } from '../../../fakes/actor-world.ts';
import { exampleDefinition, exampleTool } from '../../../fakes/example-tool.ts';
import { askedGateway } from './asked-gateway.ts';

const { ask, services } = askedGateway();

const answerSchema = z.looseObject({ message: z.unknown(), details: z.unknown() }).partial();
const said = ({ body }: { readonly body: unknown }) => answerSchema.parse(body);

describe('registered tools over REST', () => {
  it('[RTL1] [RTL8] registers with defaults, and answers with the secret', async () => {
    const { timeoutMs: _, repeatable: __, requiresApproval: ___, ...least } = exampleDefinition;
    const answer = await ask('POST', '/tools', least);
    expect([answer.status, answer.body]).toEqual([201, { ...exampleTool, secret: 'whsec_c2VjcmV0' }]);
    expect(services().calls.at(-1)).toEqual(['registerTool', exampleDefinition]);
  });

  it.each([
    ['name', 'two words'],
    ['name', 'x'.repeat(65)],
    ['description', ''],
    ['url', 7],
    ['inputSchema', []],
    ['inputSchema', 'object'],
    ['inputSchema', JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`)],
    ['timeoutMs', 0],
    ['timeoutMs', 600_001],
    ['repeatable', 'yes'],
    ['headers', { authorization: 'secret' }],
  ])('[RTL3] [RTL9] refuses a body with %s %j, naming the key', async (key, value) => {
    const before = services().calls.length;
    const registered = await ask('POST', '/tools', { ...exampleDefinition, [key]: value });
    expect(registered.status).toBe(400);
    expect(JSON.stringify(said(registered).details)).toContain(key);
    const updated = await ask('PATCH', '/tools/weather', { [key]: value });
    expect(updated.status).toBe(400);
    expect(services().calls).toHaveLength(before);
  });

  it('[RTL3] [RTL4] passes commands about one tool on, and says that a tool is not there', async () => {
    const commands = [
      ['PATCH', '', { description: 'Another' }],
      ['POST', '/deactivate', undefined],
      ['POST', '/activate', undefined],
      ['POST', '/rotate-secret', undefined],
    ] as const;
    for (const [method, path, body] of commands) {
      expect((await ask(method, `/tools/weather${path}`, body)).status).toBe(200);
      const unknown = await ask(method, `/tools/storm${path}`, body);
      expect([unknown.status, said(unknown).message]).toEqual([404, 'Tool storm not found']);
    }
  });

  it('[RTL17] reads one tool, and says that there is none', async () => {
    const { body } = await ask('GET', '/tools/weather');
    expect(body).toMatchObject({ name: 'weather', source: 'registered', registered: { secretVersion: 1 } });
    expect((await ask('GET', '/tools/storm')).status).toBe(404);
    expect((await ask('GET', '/tools/two%20words')).status).toBe(400);
  });
});

describe('the list of tools', () => {
  const tool = (name: string) => ({ ...echoTool, name });
  const builtIn = createToolBox([tool('clock'), tool('off')]);
  const mcp = createToolBox([tool('files__read'), tool('weather')]);
  const registered = [
    { ...exampleTool, name: 'asleep', active: false },
    { ...exampleTool, name: 'storm' },
    exampleTool,
  ];
  const registeredBox = createToolBox([tool('storm'), tool('weather')]);
  const offered = configuredToolBox([builtIn, mcp, registeredBox], {
    off: { enabled: false },
    storm: { approval: 'always' },
  });
  const all = () => toolCatalog({ builtIn, mcp, registered: () => registered, offered });

  it('[RTL17] [RTL2] has every tool by name, where it comes from, and whether it is offered', () => {
    const shown = all().map(({ name, source, active, offered: isOffered }) => [
      name,
      source,
      active,
      isOffered,
    ]);
    expect(shown).toEqual([
      ['asleep', 'registered', false, false],
      ['clock', 'built-in', true, true],
      ['files__read', 'mcp', true, true],
      ['off', 'built-in', true, false],
      ['storm', 'registered', true, true],
      ['weather', 'mcp', true, true],
      // The tool server's is called.
      ['weather', 'registered', true, false],
    ]);
    expect(all().find(({ name }) => name === 'storm')).toMatchObject({ requiresApproval: true });
    expect(JSON.stringify(all())).not.toContain('secret"');
  });

  it('[RTL17] is read in pages, each after the last tool of the one before', async () => {
    services().listed = all();
    const rowsSchema = z.array(catalogToolSchema);
    const read: CatalogTool[] = [];
    for (let page = 0; page < 10; page++) {
      const after = read.at(-1)?.name;
      const path = `/tools?limit=3${after === undefined ? '' : `&after=${after}`}`;
      read.push(...rowsSchema.parse((await ask('GET', path)).body));
    }
    expect(read).toEqual(all());
    for (const limit of ['0', '101', 'x']) {
      expect((await ask('GET', `/tools?limit=${limit}`)).status).toBe(400);
    }
  });
});
