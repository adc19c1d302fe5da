/** Which file imports what: found in the code alone, so that imports inside strings and comments don't count. */
import { posix } from 'node:path';
import { codeOf } from './code-text.ts';

/** Text of each file by its path from the root, with `/`. */
export type SourceTree = ReadonlyMap<string, string>;

/** Specifiers in the order in which they are written: static, side effect, re-export, dynamic and type imports. */
export function importsOf(text: string): string[] {
  const code = codeOf(text);
  const statements = /\b(?:from\s*|import\s*\(\s*|import\s*)(["'])/g;
  const found: string[] = [];
  for (const match of code.matchAll(statements)) {
    const start = match.index + match[0].length;
    const quote = match[1] ?? '';
    found.push(text.slice(start, text.indexOf(quote, start)));
  }
  return found;
}

/** The file that a relative specifier means, `undefined` for packages. */
export function targetOf(importer: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(importer), specifier) : undefined;
}

/** `@scope/name` or `name` of a package specifier; `node:fs` stays itself. */
export function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${first}/${second}` : first;
}

/** Each cycle once, as the path that leads back to its first file. */
export function importCycles(tree: SourceTree): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start !== -1) {
      cycles.push([...path.slice(start), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const specifier of importsOf(tree.get(file) ?? '')) {
      const target = targetOf(file, specifier);
      if (target !== undefined && tree.has(target)) visit(target);
    }
    path.pop();
    done.add(file);
  };
  for (const file of tree.keys()) visit(file);
  return cycles;
}
