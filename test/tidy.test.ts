/**
 * Goal: the house rules hold, and nobody has to remember them. Method: each rule is a function of a tree of sources
 * and runs on the real tree; `tidy/house-rules.test.ts` shows that each can fail.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { citationFinds, declaredInvariants } from './tidy/citations.ts';
import { differenceFinds } from './tidy/differences.ts';
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
} from './tidy/house-rules.ts';
import { importsOf, type SourceTree } from './tidy/import-graph.ts';
import { roomMapFinds, walkFinds, walksOf } from './tidy/walks.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

function filesUnder(folder: string, ending: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith(ending) && !file.includes('node_modules/'))
    .sort();
}

function treeOf(files: readonly string[]): SourceTree {
  return new Map(files.map((file) => [file, read(file)]));
}

const sources = treeOf(
  ['schema', 'machines', 'actors', 'src', 'bench', 'examples', 'test'].flatMap((folder) => [
    ...filesUnder(folder, '.ts'),
    ...filesUnder(folder, '.tsx'),
  ]),
);
const styles = treeOf(filesUnder('src/web', '.css'));
const tests = new Map(
  [...sources].filter(([file]) => file.startsWith('test/') && !file.startsWith('test/tidy')),
);
const documents = treeOf([
  ...['schema', 'docs'].flatMap((folder) => filesUnder(folder, '.md')),
  ...[
    'README.md',
    'CHANGELOG.md',
    'package.json',
    'biome.json',
    'vitest.config.ts',
    '.ci/run',
    'test/mutation/stryker.json',
  ].filter((file) => existsSync(join(root, file))),
]);

/** Every file that may be cited, and every folder. */
const paths = new Set(
  ['schema', 'machines', 'actors', 'src', 'bench', 'examples', 'test', 'docs'].flatMap((folder) => [
    folder,
    ...readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file.replaceAll('\\', '/')}`,
    ),
  ]),
).union(new Set(readdirSync(root)));

describe('the tree', () => {
  it('is seen at all', () => {
    expect(sources.size).toBeGreaterThan(50);
    expect(sources.has('schema/limits.ts')).toBe(true);
    expect(importsOf(sources.get('schema/limits.ts') ?? '')).toContain('./unreachable.ts');
    expect(documents.has('schema/SPEC.md')).toBe(true);
  });

  it('imports one way: src → actors → machines → schema', () => {
    expect(importDirectionFinds(sources)).toEqual([]);
  });

  it('imports only files that exist, with their extension', () => {
    expect(brokenImportFinds(sources)).toEqual([]);
  });

  it('imports no package that reaches outside in schema/, machines/ and actors/', () => {
    expect(packageFinds(sources)).toEqual([]);
  });

  it('keeps pages and server apart', () => {
    expect(browserFinds(sources)).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(cycleFinds(sources)).toEqual([]);
  });

  it('has no import cycles between rooms', () => {
    expect(roomCycleFinds(sources)).toEqual([]);
  });

  it('takes time, chance and settings from ports in schema/, machines/ and actors/', () => {
    expect(bannedCallFinds(sources)).toEqual([]);
  });

  it('has no file over 400 lines', () => {
    expect(lengthFinds(new Map([...sources, ...styles]))).toEqual([]);
  });

  it('names files by what they hold', () => {
    expect(nameFinds(new Map([...sources, ...styles]))).toEqual([]);
  });

  it('gives one name to one thing', () => {
    expect(sharedNameFinds(sources)).toEqual([]);
  });

  it('has no leftover markers', () => {
    expect(markerFinds(new Map([...sources, ...styles, ...documents]))).toEqual([]);
  });

  it('silences no test', () => {
    expect(silencedTestFinds(sources)).toEqual([]);
  });

  it('quotes every rule of the rule book in a test, and no others', () => {
    const invariants = declaredInvariants(read('docs/invariants.md'));
    expect(invariants).toHaveLength(15);
    expect(ruleFinds(read('schema/SPEC.md'), invariants, tests)).toEqual([]);
  });

  it('cites only files, rules, invariants, sections and headings that exist', () => {
    expect(citationFinds({ sources: new Map([...sources, ...styles]), documents, paths })).toEqual([]);
  });

  it('shows each difference from the baseline that the document lists in a test, and lists each that it shows', () => {
    const document = read('docs/baseline-differences.md');
    expect(document.match(/^\| D\d+ /gm)?.length).toBeGreaterThan(50);
    expect(differenceFinds(document, tests)).toEqual([]);
  });

  it('is walked by the README as its code goes', () => {
    const walks = walksOf(read('README.md'));
    expect(walks.map(({ title }) => title)).toEqual(['Follow one event', 'Follow one token']);
    for (const { steps } of walks) expect(steps.length).toBeGreaterThan(5);
    expect(walkFinds(read('README.md'), sources)).toEqual([]);
  });

  it('has every room on its map', () => {
    const map = 'docs/architecture.md';
    expect(roomMapFinds(treeOf([map]), sources)).toEqual([]);
  });

  it('keeps addresses of registries out of the lock file', () => {
    expect(lockFileFinds(read('package-lock.json'))).toEqual([]);
  });

  it('explains every dependency', () => {
    const manifest: { dependencies: object; devDependencies: object } = JSON.parse(read('package.json'));
    const packages = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    expect(packages.length).toBeGreaterThan(10);
    expect(dependencyFinds(packages, read('docs/dependencies.md'))).toEqual([]);
  });
});
