/** The house rules, each as a function that takes a tree of sources and returns its violations, one line each. */
import { declaredRules } from './citations.ts';
import { codeOf } from './code-text.ts';
import { importCycles, importsOf, packageOf, roomCycles, type SourceTree, targetOf } from './import-graph.ts';

/** From the inside out; a layer may import itself and the layers before it. */
const layers = ['schema', 'machines', 'actors', 'src'];
const innerLayers = ['schema', 'machines', 'actors'];

const linesMax = 400;

/** The only packages that the inner layers may import: these layers decide, and reach outside through ports. */
const packagesAllowed: readonly (readonly [folder: string, packages: readonly string[]])[] = [
  ['schema/storage/', ['zod', 'kysely']],
  ['schema/', ['zod']],
  ['machines/', ['xstate', '@xstate/store', 'zod']],
  // ajv and re2js only compute.
  ['actors/', ['xstate', '@xstate/store', 'zod', 'ajv', 'ajv/dist/2020.js', 're2js']],
];

const callsBanned: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Date.now', /\bDate\.now\b/],
  ['new Date()', /\bnew Date(?:\s*\(\s*\)|(?!\s*\())/],
  ['Math.random', /\bMath\.random\b/],
  ['randomUUID', /\brandomUUID\b/],
  ['performance.now', /\bperformance\.now\b/],
  // A property with this name belongs to another interface than the clock port.
  ['setTimeout', /\bsetTimeout\b(?!:)/],
  ['setInterval', /\bsetInterval\b/],
  ['setImmediate', /\bsetImmediate\b/],
  ['process', /(?<![.\w])process\s*\./],
];

const wordsBanned = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'manager', 'managers'];
const filesBanned = ['types.ts', 'index.ts', 'index.tsx', 'index.css'];

export function importDirectionFinds(tree: SourceTree): string[] {
  return findsPerImport(tree, (file, specifier) => {
    const target = targetOf(file, specifier);
    if (target === undefined) return undefined;
    const from = topFolderOf(file);
    const to = topFolderOf(target);
    if (from === to || from === 'test' || (from === 'bench' && to !== 'test')) return undefined;
    // Examples stand where the programs of users do.
    if (from === 'examples' && to === 'src') return undefined;
    const isInward = layers.includes(to) && layers.indexOf(to) < layers.indexOf(from);
    // package.json is not code: the version is read from it.
    return isInward || target === 'package.json' ? undefined : `${file} imports ${target}`;
  });
}

/** Relative imports must name a file that exists, with its extension. */
export function brokenImportFinds(tree: SourceTree): string[] {
  return findsPerImport(tree, (file, specifier) => {
    const target = targetOf(file, specifier);
    if (target === undefined || tree.has(target) || target.endsWith('.json')) return undefined;
    return `${file} imports ${specifier}, which is no file`;
  });
}

export function packageFinds(tree: SourceTree): string[] {
  return findsPerImport(tree, (file, specifier) => {
    const allowed = packagesAllowed.find(([folder]) => file.startsWith(folder))?.[1];
    if (allowed === undefined || targetOf(file, specifier) !== undefined) return undefined;
    return allowed.includes(packageOf(specifier)) ? undefined : `${file} imports ${specifier}`;
  });
}

/**
 * Code for browsers may import pure code, replays among it, and the client library, and no server code may import it.
 */
export function browserFinds(tree: SourceTree): string[] {
  const browserFolders = ['src/web/', 'src/client/', 'actors/replay/', 'machines/', 'schema/'];
  const isPage = (file: string) => file.startsWith('src/web/');
  return findsPerImport(tree, (file, specifier) => {
    const target = targetOf(file, specifier);
    const isLegal = isPage(file)
      ? target === undefined
        ? !specifier.startsWith('node:')
        : browserFolders.some((folder) => target.startsWith(folder))
      : target === undefined || !isPage(target) || topFolderOf(file) === 'test';
    return isLegal ? undefined : `${file} imports ${target ?? specifier}`;
  });
}

export function cycleFinds(tree: SourceTree): string[] {
  return importCycles(tree);
}

/**
 * Rooms must not import each other in a circle. Tests are left out, because their rooms share worlds and arbitraries.
 */
export function roomCycleFinds(tree: SourceTree): string[] {
  return roomCycles(tree);
}

export function bannedCallFinds(tree: SourceTree): string[] {
  return [...tree]
    .filter(([file]) => innerLayers.includes(topFolderOf(file)))
    .flatMap(([file, text]) => {
      const code = codeOf(text);
      return callsBanned.filter(([, pattern]) => pattern.test(code)).map(([name]) => `${file} uses ${name}`);
    });
}

export function lengthFinds(tree: SourceTree): string[] {
  return [...tree].flatMap(([file, text]) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines > linesMax ? [`${file} has ${lines} lines`] : [];
  });
}

export function nameFinds(tree: SourceTree): string[] {
  return [...tree.keys()].flatMap((file) => {
    const parts = file.split('/');
    const name = parts.at(-1) ?? '';
    const words = parts.flatMap((part) => part.replace(/\.(?:tsx?|css)$/, '').split(/[-.]/));
    const isBanned = filesBanned.includes(name) || words.some((word) => wordsBanned.includes(word));
    const isKebab = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|config|d))?\.(?:tsx?|css)$/.test(name);
    return isBanned || !isKebab ? [`${file} has a name that says nothing, or is not kebab-case`] : [];
  });
}

/** Names that files share for a reason: Kysely calls `up` in every migration. */
const namesShared = ['up'];

/** No two files of the product may export different things under one name. Re-exporting is allowed. */
export function sharedNameFinds(tree: SourceTree): string[] {
  const owners = new Map<string, Set<string>>();
  for (const [file, text] of tree) {
    if (!layers.includes(file.split('/', 1)[0] ?? '')) continue;
    for (const [, name = ''] of codeOf(text).matchAll(declarations)) {
      owners.set(name, (owners.get(name) ?? new Set()).add(file));
    }
  }
  return [...owners].flatMap(([name, files]) =>
    files.size > 1 && !namesShared.includes(name)
      ? [`${name} is exported by ${[...files].join(' and ')}`]
      : [],
  );
}

const declarations =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|type|interface|enum|const|let|function\*?)\s+(\w+)/gm;

/** Assembled from parts, so that this file does not contain them. */
const markers = new RegExp(
  String.raw`\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\b`,
);

/** Searches comments and documents too. */
export function markerFinds(texts: SourceTree): string[] {
  return [...texts].flatMap(([file, text]) =>
    text
      .split('\n')
      .flatMap((line, index) => (markers.test(line) ? [`${file}:${index + 1} has a leftover marker`] : [])),
  );
}

/** `skipIf` and `runIf` are allowed: they state a condition. */
export function silencedTestFinds(tree: SourceTree): string[] {
  return [...tree].flatMap(([file, text]) =>
    [
      ...codeOf(text).matchAll(
        /\b(?:it|test|describe|suite)(?:\s*\.\s*\w+)*?\s*\.\s*(?:only|skip|todo|fails)\b/g,
      ),
    ].map((match) => `${file} has ${match[0]}`),
  );
}

/** Rules are declared in the rule book as `- **[TXT1]**` and quoted where a test's title begins. */
export function ruleFinds(ruleBook: string, invariants: readonly string[], tests: SourceTree): string[] {
  const declared = declaredRules(ruleBook);
  const quoted = new Set<string>();
  const finds = new Set<string>();
  for (const [file, text] of tests) {
    for (const [, , rules = ''] of text.matchAll(/(['"`])((?:\[[A-Z][A-Z0-9]*\d\][ ,]*)+)/g)) {
      for (const [, rule = ''] of rules.matchAll(/\[([A-Z][A-Z0-9]*\d)\]/g)) {
        quoted.add(rule);
        if (!declared.includes(rule) && !invariants.includes(rule))
          finds.add(`${file} quotes [${rule}], which is no rule`);
      }
    }
  }
  const twice = declared.filter((rule, index) => declared.indexOf(rule) !== index);
  return [
    ...finds,
    ...twice.map((rule) => `[${rule}] is declared twice`),
    ...declared.filter((rule) => !quoted.has(rule)).map((rule) => `no test quotes [${rule}]`),
  ];
}

/** Addresses of a registry in the lock file would tie every install to that registry. */
export function lockFileFinds(lockFile: string): string[] {
  return lockFile.includes('"resolved"') ? ['package-lock.json has "resolved" addresses'] : [];
}

/** Every package in package.json needs a row in the document. */
export function dependencyFinds(packages: readonly string[], document: string): string[] {
  return packages
    .filter((name) => !document.includes(`| \`${name}\` |`))
    .map((name) => `${name} is not explained`);
}

function topFolderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function findsPerImport(
  tree: SourceTree,
  find: (file: string, specifier: string) => string | undefined,
): string[] {
  return [...tree].flatMap(([file, text]) =>
    importsOf(text).flatMap((specifier) => find(file, specifier) ?? []),
  );
}
