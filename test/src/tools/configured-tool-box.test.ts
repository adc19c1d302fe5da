/** Rules for tools: for each key the most specific rule applies, and a disabled tool cannot be found. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tool, ToolBox } from '../../../actors/tool-ports.ts';
import { accepted } from '../../../schema/refusal.ts';
import { configuredToolBox } from '../../../src/tools/configured-tool-box.ts';

function boxOf(names: readonly string[], description = ''): ToolBox {
  const tools: Tool[] = names.map((name) => ({
    name,
    description,
    inputSchema: { type: 'object' },
    requiresApproval: false,
    repeatable: true,
    timeoutMs: 1000,
    run: async () => accepted(description),
  }));
  return { list: () => tools, find: (name) => tools.find((tool) => tool.name === name) };
}

test('the own name wins over a beginning, a longer beginning over a shorter one, key by key', () => {
  const box = configuredToolBox([boxOf(['files__read', 'files__write', 'clock'])], {
    '*': { approval: 'always', timeoutMs: 1 },
    'files__*': { approval: 'never' },
    files__write: { timeoutMs: 9 },
  });
  expect(box.find('clock')).toMatchObject({ requiresApproval: true, timeoutMs: 1 });
  expect(box.find('files__read')).toMatchObject({ requiresApproval: false, timeoutMs: 1 });
  expect(box.find('files__write')).toMatchObject({ requiresApproval: false, timeoutMs: 9 });
});

test('of two tools with one name the first box has it', () => {
  const box = configuredToolBox([boxOf(['clock'], 'ours'), boxOf(['clock', 'other'], 'theirs')], {});
  expect(box.list().map(({ name, description }) => `${name} ${description}`)).toEqual([
    'clock ours',
    'other theirs',
  ]);
  expect(box.find('clock')).toMatchObject({ description: 'ours' });
});

test('finding and listing agree, whatever the rules', () => {
  const name = fc.constantFrom('a', 'ab', 'abc', 'b');
  const rule = fc.record({
    enabled: fc.boolean(),
    approval: fc.constantFrom('always' as const, 'never' as const),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(name),
      fc.uniqueArray(name),
      fc.dictionary(fc.constantFrom('*', 'a', 'a*', 'ab*', 'abc'), rule),
      (one, other, rules) => {
        const box = configuredToolBox([boxOf(one, '1'), boxOf(other, '2')], rules);
        const listed = box.list();
        expect(new Set(listed.map((tool) => tool.name)).size).toBe(listed.length);
        for (const each of ['a', 'ab', 'abc', 'b']) {
          const { run: _one, ...found } = box.find(each) ?? { run: undefined };
          const { run: _other, ...inList } = listed.find((tool) => tool.name === each) ?? { run: undefined };
          expect(found).toEqual(inList);
        }
      },
    ),
  );
});
