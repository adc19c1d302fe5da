/** What a text changes of the file's settings, and whether a page may change that. */
import { cutText } from '../../../schema/preview.ts';
import { type ConfigPath, scalarsOf } from '../file/config-node.ts';
import type { ParsedConfig } from '../file/config-text.ts';
import { hiddenPlaces } from './masked-text.ts';
import { hasReference, isDeclared, isForPages, isShown, refersToVariables } from './setting-places.ts';

/** Keys come from outside: long ones are cut. */
export function shownPath(path: ConfigPath): string {
  return cutText(path.join('.'), 200);
}

type Values = ReadonlyMap<string, unknown>;

/** Why a page may not make this of the file, one line for each reason; none: it may. Names places, never values. */
export function forbiddenChanges(next: ParsedConfig, before: ParsedConfig | null): readonly string[] {
  const old: Values = before?.values ?? new Map();
  const problems = changedPaths(Object.fromEntries(old), Object.fromEntries(next.values))
    // Unknown settings are refused as such.
    .filter((path) => isDeclared(path) && !isForPages(path))
    .map((path) => `${shownPath(path)} can be changed only in the file on disk`);
  const hidden = hiddenPlaces(next.root);
  const references = new Set<unknown>();
  for (const { path, scalar } of before === null ? [] : scalarsOf(before.root)) {
    if (isForPages(path)) references.add(scalar.value);
  }
  for (const { path, scalar } of scalarsOf(next.root)) {
    if (isShown(path, scalar) && hidden.has(scalar.start)) {
      problems.push(`${shownPath(path)} must not be an alias of a secret`);
    }
    // What a page may change is also shown where variables have been put in.
    const isNew = isForPages(path) && refersToVariables(path) && !references.has(scalar.value);
    if (isNew && hasReference(scalar.value)) {
      problems.push(`${shownPath(path)} can refer to a variable only in the file on disk`);
    }
  }
  return [...new Set(problems)];
}

/** Where two values differ: the least parts that do. */
export function changedPaths(one: unknown, other: unknown, path: ConfigPath = []): readonly ConfigPath[] {
  if (Object.is(one, other)) return [];
  const [parts, others] = [partsOf(one), partsOf(other)];
  const isSameKind = Array.isArray(one) === Array.isArray(other);
  // A part that comes or goes differs in all that is in it.
  if (parts === undefined && others === undefined) return [path];
  if (parts !== undefined && others !== undefined && !isSameKind) return [path];
  const keys = new Set([...(parts?.keys() ?? []), ...(others?.keys() ?? [])]);
  if (keys.size === 0) return parts !== undefined && others !== undefined ? [] : [path];
  const isReplaced =
    (parts === undefined && one !== undefined) || (others === undefined && other !== undefined);
  return [
    ...(isReplaced ? [path] : []),
    ...[...keys].flatMap((key) => changedPaths(parts?.get(key), others?.get(key), [...path, key])),
  ];
}

function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
