/** Goal: each house rule can fail. Method: each rule runs on a small tree that breaks it. */
import { describe, expect, it } from 'vitest';
import { citationFinds } from './citations.ts';
import { codeOf, commentsOf } from './code-text.ts';
import { differenceFinds, differenceTests } from './differences.ts';
import {
  bannedCallFinds,
  brokenImportFinds,
  browserFinds,
  cycleFinds,
  dependencyFinds,
  importDirectionFinds,
  lengthFinds,
  lockFileFinds,
  markerFinds,
  nameFinds,
  packageFinds,
  roomCycleFinds,
  ruleFinds,
  sharedNameFinds,
  silencedTestFinds,
} from './house-rules.ts';
import { importsOf, type SourceTree } from './import-graph.ts';
import { roomMapFinds, walkFinds } from './walks.ts';

/** A tree of one or more files. */
const tree = (files: Readonly<Record<string, string>>): SourceTree => new Map(Object.entries(files));

describe('the rules can fail', () => {
  it('on imports against the direction', () => {
    const finds = importDirectionFinds(
      tree({
        'schema/a.ts': `import { b } from '../machines/b.ts';`,
        'machines/b.ts': `export type { C } from '../actors/c.ts';`,
        'actors/c.ts': `const d = await import('../src/d.ts');`,
        'src/d.ts': `import '../test/e.ts';\nimport { a } from '../schema/a.ts';`,
        'bench/f.ts': `import '../test/e.ts';\nimport '../src/d.ts';`,
        'test/e.ts': `import '../bench/f.ts';`,
      }),
    );
    expect(finds).toEqual([
      'schema/a.ts imports machines/b.ts',
      'machines/b.ts imports actors/c.ts',
      'actors/c.ts imports src/d.ts',
      'src/d.ts imports test/e.ts',
      'bench/f.ts imports test/e.ts',
    ]);
  });

  it('on differences from the baseline without a test, and tests without a difference', () => {
    const document = '| id | a | b | c |\n| D1 | a | b | c |\n| D2 | a | b | c |\n| D2 | a | b |\n';
    const finds = differenceFinds(
      document,
      tree({
        [`${differenceTests}a.test.ts`]: `it('D2 is', () => {});\nit('D3 D4 are', () => {});\nit('D4 is', run);`,
        'test/b.test.ts': `it('D1 is elsewhere', () => {});`,
      }),
    );
    expect(finds).toEqual([
      'no row of four cells: | D2 | a | b |',
      'D2 has several rows',
      'D4 has several tests',
      'D1 has no test',
      ...['D3 has no row', 'D4 has no row', 'D4 has no row'],
    ]);
  });

  it('on imports of nothing', () => {
    const finds = brokenImportFinds(tree({ 'src/a.ts': `import '../b';\nimport './a.ts';\nimport 'zod';` }));
    expect(finds).toEqual(['src/a.ts imports ../b, which is no file']);
  });

  it('on packages that reach outside', () => {
    const finds = packageFinds(
      tree({
        'schema/a.ts': `import { z } from 'zod';\nimport type { Kysely } from 'kysely';`,
        'schema/storage/b.ts': `import type { Kysely } from 'kysely';`,
        'machines/c.ts': `import { setup } from 'xstate';\nimport fs from 'node:fs';\nimport { pino } from "pino";`,
        'actors/d.ts': `import { createStore } from '@xstate/store';\nimport pg from 'pg';`,
        'src/e.ts': `import fs from 'node:fs';`,
      }),
    );
    expect(finds).toEqual([
      'schema/a.ts imports kysely',
      'machines/c.ts imports node:fs',
      'machines/c.ts imports pino',
      'actors/d.ts imports pg',
    ]);
  });

  it('on pages that import the server, and on what imports pages', () => {
    const finds = browserFinds(
      tree({
        'src/web/a.tsx': `import { b } from '../client/b.ts';\nimport { c } from '../storage/c.ts';\nimport 'preact';`,
        'src/web/d.ts': `import fs from 'node:fs';\nimport { e } from '../../schema/e.ts';\nimport './a.tsx';`,
        'src/f.ts': `import { d } from './web/d.ts';\nimport './client/b.ts';`,
        'test/g.ts': `import { d } from '../src/web/d.ts';`,
      }),
    );
    expect(finds).toEqual([
      'src/web/a.tsx imports src/storage/c.ts',
      'src/web/d.ts imports node:fs',
      'src/f.ts imports src/web/d.ts',
    ]);
  });

  it('on cycles, those of types included', () => {
    const finds = cycleFinds(
      tree({
        'src/a.ts': `import type { B } from './b.ts';`,
        'src/b.ts': `export * from './c.ts';`,
        'src/c.ts': `import './a.ts';`,
        'src/self.ts': `import './self.ts';`,
        'src/fine.ts': `import './a.ts';\nimport './b.ts';`,
      }),
    );
    expect(finds).toEqual(['src/a.ts → src/b.ts → src/c.ts → src/a.ts', 'src/self.ts → src/self.ts']);
  });

  it('on cycles between rooms, files at the root of a folder counted singly', () => {
    const finds = roomCycleFinds(
      tree({
        'src/a/one.ts': `import '../b/two.ts';\nimport '../port.ts';`,
        'src/a/three.ts': '',
        'src/b/two.ts': `import '../whole.ts';`,
        'src/b/four.ts': '',
        'src/port.ts': `import './b/four.ts';`,
        'src/whole.ts': `import './a/three.ts';`,
        'src/c/d/five.ts': `import '../e/six.ts';`,
        'src/c/e/six.ts': '',
        'src/c/e/seven.ts': `import '../d/eight.ts';`,
        'src/c/d/eight.ts': `import '../../port.ts';`,
      }),
    );
    expect(finds).toEqual(['src/a → src/b → src/whole.ts → src/a', 'src/c/d → src/c/e → src/c/d']);
  });

  it('on banned calls, but not on mentions of them', () => {
    const calls = [
      'Date.now()',
      'new Date()',
      'new Date',
      'Math.random()',
      'crypto.randomUUID()',
      'setTimeout(f)',
    ];
    const more = ['setImmediate(f)', 'setInterval(f)', 'process.env', 'performance.now()'];
    for (const call of [...calls, ...more]) {
      for (const layer of ['schema', 'machines', 'actors']) {
        expect(bannedCallFinds(tree({ [`${layer}/a.ts`]: `const a = \`\${${call}}\`;` }))).toHaveLength(1);
      }
      expect(bannedCallFinds(tree({ 'src/a.ts': call }))).toEqual([]);
      const mention = `// ${call}\n/* ${call} */ const a = '${call}' + \`${call}\` + String(/${call}/);`;
      expect(bannedCallFinds(tree({ 'schema/a.ts': mention }))).toEqual([]);
    }
    expect(bannedCallFinds(tree({ 'schema/a.ts': 'new Date(at); child.process.x; preprocess.y' }))).toEqual(
      [],
    );
  });

  it('on long files and empty names', () => {
    expect(lengthFinds(tree({ 'src/a.ts': 'x\n'.repeat(400) }))).toEqual([]);
    expect(lengthFinds(tree({ 'src/a.ts': 'x\n'.repeat(401) }))).toEqual(['src/a.ts has 401 lines']);
    const bad = ['src/utils.ts', 'src/types.ts', 'src/a/index.ts', 'src/text-helpers.ts', 'src/common/a.ts'];
    const worse = ['src/session-manager.ts', 'src/misc.test.ts', 'src/camelCase.ts', 'src/web/helper.css'];
    for (const name of [...bad, ...worse]) expect(nameFinds(tree({ [name]: '' }))).toHaveLength(1);
    expect(nameFinds(tree({ 'src/event-types.ts': '', 'test/src/a.test.ts': '' }))).toEqual([]);
  });

  it('on one name for two things, unless it is exported again or shared for a reason', () => {
    const finds = sharedNameFinds(
      tree({
        'schema/a.ts': `export type Entry = 1;\nexport const limit = 1;\nexport async function* up() {}`,
        'machines/b.ts': `export class Entry {}\nexport { limit } from '../schema/a.ts';\ntype Inner = 1;`,
        'src/c.ts': `export function up() {}\nconst limit = 2; // export const limit\nexport interface Inner {}`,
        'test/d.ts': 'export type Entry = 2;',
      }),
    );
    expect(finds).toEqual(['Entry is exported by schema/a.ts and machines/b.ts']);
  });

  it('on leftover markers and silenced tests', () => {
    const marker = 'TO' + 'DO';
    expect(markerFinds(tree({ 'src/a.ts': `x\n// ${marker}: later` }))).toEqual([
      'src/a.ts:2 has a leftover marker',
    ]);
    expect(markerFinds(tree({ 'src/a.ts': 'hackney, todo list' }))).toEqual([]);
    for (const call of ['it.only', 'describe.skip', 'test.todo', 'it.each.only', 'it.skip']) {
      expect(silencedTestFinds(tree({ 'test/a.test.ts': `${call}('a', f)` }))).toHaveLength(1);
    }
    const legal = `describe.skipIf(x)('a', f); it.runIf(y)('b', f); // it.only\nsocket.skip();`;
    expect(silencedTestFinds(tree({ 'test/a.test.ts': legal }))).toEqual([]);
  });

  it('on rules that no test quotes, that do not exist, or that exist twice', () => {
    const book = '- **[ABC1]** a\n- **[ABC2]** b\n- **[ABC3]** c\n- **[ABC3]** d\n';
    const quoting = tree({
      'test/a.test.ts': `it('[ABC1] [ABC3] x', f); it("[I2] y", f); it('[XYZ9] z', f)`,
    });
    expect(ruleFinds(book, ['I2'], quoting)).toEqual([
      'test/a.test.ts quotes [XYZ9], which is no rule',
      '[ABC3] is declared twice',
      'no test quotes [ABC2]',
    ]);
    expect(ruleFinds('', ['I2'], tree({ 'test/a.test.ts': `it('[I3] y', f)` }))).toHaveLength(1);
  });

  it('on citations of what does not exist', () => {
    const documents = tree({
      'schema/SPEC.md': '## ABC: a\n\n- **[ABC1]** a, see docs/protocol.md A1\n',
      'docs/protocol.md':
        '## A. x\n\n### A1. y\n\nSee [y](#a1-y), [z](#z), [none](none.md), [x](https://x).\n',
      'docs/invariants.md': '### I1. One\n\nHeld by `src/a.ts`, src/none.ts and `b.ts`.\n',
    });
    const sources = tree({
      'src/a.ts': [
        '/** docs/protocol.md A1, A2 and A; SPEC ABC; [ABC1], I1. src/*.ts. */',
        '/**\n * Long: docs/protocol.md\n * A3\n */',
        '// protocol A1, and ABC2, [XYZ1], I2, SPEC DEF; UTF8',
        `const a = 'src/nothing.ts [NOT1] docs/none.md, docs/protocol.md A4';`,
        '// docs/protocol.md#a1-y, docs/protocol.md#nowhere, design §5, RFC 9110 §10, see none.md',
      ].join('\n'),
    });
    const paths = new Set(['src', 'src/a.ts', 'src/c/b.ts', 'docs', ...documents.keys()]);
    expect(citationFinds({ sources, documents, paths })).toEqual([
      'src/a.ts cites docs/protocol.md A2, which is no section',
      'src/a.ts cites docs/protocol.md A3, which is no section',
      'src/a.ts cites XYZ1, which is neither rule nor invariant',
      'src/a.ts cites ABC2, which is neither rule nor invariant',
      'src/a.ts cites I2, which is neither rule nor invariant',
      'src/a.ts cites SPEC DEF, which is no rule',
      'src/a.ts cites "protocol A1", not by path: docs/protocol.md',
      'src/a.ts cites none.md, which is no file',
      'src/a.ts cites docs/protocol.md#nowhere, which has no such heading',
      'src/a.ts cites a section by §, not by the anchor of its document',
      'src/a.ts cites docs/protocol.md A4, which is no section',
      'docs/protocol.md cites none.md, which is no file',
      'docs/protocol.md links to #z, which has no such heading',
      'docs/protocol.md links to none.md, which is no file',
      'docs/invariants.md cites src/none.ts, which is no file',
    ]);
  });

  it('on walks that the code does not go, and on maps without a room', () => {
    const sources = tree({
      'src/a.ts': `import { b } from './b.ts';\n// told\nsend('x.told');`,
      'src/b/b.ts': `export const b = 'x.told'; // bees`,
    });
    const walk = (...steps: string[]) =>
      `### Follow one bee\n\n${steps.join('\n')}\n\n## Next\n\n1. not a step\n`;
    expect(
      walkFinds(walk('1. `src/a.ts` tells,\n   once. → `x.told`', '2. `src/b/b.ts` hears.'), sources),
    ).toEqual([]);
    expect(
      walkFinds(
        walk('1. `src/a.ts` → `bees`', '2. `src/b/b.ts` and', '3. `src/none.ts` → `b`', '4. `src/a.ts`'),
        sources,
      ),
    ).toEqual([
      'Follow one bee, step 1: src/a.ts does not name bees',
      'Follow one bee, step 1: src/b/b.ts does not name bees',
      'Follow one bee, step 2 does not say what it shares with the next',
      'Follow one bee, step 3 begins with no file: src/none.ts',
    ]);
    expect(roomMapFinds(tree({ 'a.md': '`src/`' }), sources)).toEqual(['a.md does not show src/b/']);
  });

  it('on lock files and dependencies', () => {
    expect(lockFileFinds('{"resolved": "https://"}')).toHaveLength(1);
    expect(dependencyFinds(['a', 'b'], '| `a` | why |')).toEqual(['b is not explained']);
  });

  it('because code is told from text', () => {
    const text = `a('x'); // b\nc(\`d\${e("f")}g\`, /h'\\/[/]/u, i / j / k); /* l */ m`;
    expect(codeOf(text)).toBe(`a(' ');     \nc(\` \${e(" ")} \`, /       /u, i / j / k);         m`);
    expect(commentsOf(text)).toEqual(['b', 'l']);
    expect(commentsOf('/** a\n *\n * b */ `// c` // d')).toEqual(['a b', 'd']);
    expect(codeOf('😀 // 😀')).toHaveLength('😀 // 😀'.length);
    expect(codeOf("'it\\'s' + 1")).toBe("'     ' + 1");
    expect(codeOf('`a$' + '{`b$' + '{c}` + {d: 1}.d}e` + f')).toBe('` $' + '{` $' + '{c}` + {d: 1}.d} ` + f');
    expect(
      importsOf(`import a from 'a'; export { b } from "b"; import 'c'; x('import d from "d"');`),
    ).toEqual(['a', 'b', 'c']);
  });
});
