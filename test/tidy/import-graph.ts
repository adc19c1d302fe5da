/** The imports between files, found in code only, so that imports inside strings and comments don't count. */
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

/** The file to which a relative specifier refers; `undefined` for packages. */
export function targetOf(importer: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(importer), specifier) : undefined;
}

/** `@scope/name` or `name` of a package specifier; `node:fs` stays itself. */
export function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return specifier.startsWith('@') ? `${first}/${second}` : first;
}

/** Each cycle of files once, as the path that leads back to its first file. */
export function importCycles(tree: SourceTree): string[] {
  const targets = (file: string) => targetsIn(tree, file);
  return cyclesOf(new Map([...tree.keys()].map((file) => [file, targets(file)])));
}

/**
 * Each cycle of rooms once. The rooms of a folder are its subfolders, each taken as a whole, and its own files, each
 * taken singly. An import counts in the innermost folder that contains both files, between the rooms in which they
 * are.
 */
export function roomCycles(tree: SourceTree): string[] {
  const roomsOf = new Map<string, Map<string, Set<string>>>();
  for (const file of tree.keys()) {
    for (const target of targetsIn(tree, file)) {
      const [folder, from, to] = sharedFolderOf(file, target);
      if (from === to) continue;
      const rooms = roomsOf.get(folder) ?? new Map<string, Set<string>>();
      roomsOf.set(folder, rooms.set(from, (rooms.get(from) ?? new Set()).add(to)));
    }
  }
  return [...roomsOf.values()].flatMap((rooms) =>
    cyclesOf(new Map([...rooms].map(([room, targets]) => [room, [...targets]]))),
  );
}

/** The innermost folder that contains both files, and the room of each in it, as paths from the root. */
function sharedFolderOf(file: string, target: string): [folder: string, from: string, to: string] {
  const [a, b] = [file.split('/'), target.split('/')];
  let depth = 0;
  while (depth < Math.min(a.length, b.length) - 1 && a[depth] === b[depth]) depth++;
  const upTo = (parts: string[]) => parts.slice(0, depth + 1).join('/');
  return [a.slice(0, depth).join('/'), upTo(a), upTo(b)];
}

function targetsIn(tree: SourceTree, file: string): string[] {
  return importsOf(tree.get(file) ?? '').flatMap((specifier) => {
    const target = targetOf(file, specifier);
    return target !== undefined && tree.has(target) ? [target] : [];
  });
}

function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (node: string): void => {
    const start = path.indexOf(node);
    if (start !== -1) {
      cycles.push([...path.slice(start), node].join(' → '));
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const target of graph.get(node) ?? []) visit(target);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return cycles;
}
