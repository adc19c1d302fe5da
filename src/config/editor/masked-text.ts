/**
 * The config file without its secrets, and with them again. A secret is replaced where it stands, so that comments and
 * formatting stay; what comes back masked gets what the file has at the same path.
 */
import { isDeepStrictEqual } from 'node:util';
import { cutText } from '../../../schema/preview.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { type ConfigNode, type ConfigPath, nodeAt, plainValue, scalarsOf } from '../file/config-node.ts';
import { type ParsedConfig, parseConfigText } from '../file/config-text.ts';
import { commentsOf, mask, maskedComment } from './masked-comments.ts';
import { isShown } from './setting-places.ts';

type Edit = { readonly start: number; readonly end: number; readonly text: string };

export function maskedText(parsed: ParsedConfig): string {
  const { text, root } = parsed;
  const hidden = hiddenPlaces(root);
  const secrets = new Set<string>();
  const edits: Edit[] = [];
  for (const { scalar } of scalarsOf(root)) {
    if (!hidden.has(scalar.start)) continue;
    secrets.add(String(scalar.value));
    edits.push({ ...scalar, text: replacement(text.slice(scalar.start, scalar.end), mask) });
  }
  for (const comment of commentsOf(parsed)) {
    const shown = maskedComment(comment.text, {
      secrets,
      isAmongSecrets: isInSecretList(root, comment.start),
    });
    if (shown !== comment.text) edits.push({ ...comment, text: shown });
  }
  return edited(text, edits);
}

/** The value of the file, or of a part of it, with masks in place of secrets. */
export function maskedValue(parsed: ParsedConfig, path: ConfigPath = []): unknown {
  const hidden = hiddenPlaces(parsed.root);
  const node = nodeAt(parsed.root, path);
  return node && plainValue(node, ({ start, value }) => (hidden.has(start) ? mask : value), path);
}

/** `given`, which somebody has read masked and sends back, with the secrets of `before`. */
export function restoredText(given: ParsedConfig, before: ParsedConfig | null): Outcome<ParsedConfig> {
  const places = new Map<number, { readonly path: ConfigPath; readonly old: ConfigNode }>();
  for (const { path, scalar } of scalarsOf(given.root)) {
    if (scalar.value !== mask) continue;
    const old = before === null ? undefined : nodeAt(before.root, path);
    if (old?.kind !== 'scalar' || isShown(path, old)) {
      return refused(
        refusal(
          'bad_request',
          `${cutText(path.join('.'), 200)} is masked, and the file has no secret there that it could stand for`,
        ),
      );
    }
    // An alias repeats what stands at one place.
    if (!places.has(scalar.start)) places.set(scalar.start, { path, old });
  }
  const comments = restoredComments(given, before);
  if (comments === null)
    return refused(refusal('bad_request', 'A comment is masked that the file does not have'));
  const edits = (isVerbatim: boolean): readonly Edit[] => [
    ...comments,
    ...[...scalarsOf(given.root)].flatMap(({ scalar }) => {
      const place = places.get(scalar.start);
      if (place === undefined || before === null || place.old.kind !== 'scalar') return [];
      // A block ends with a line break, which is outside of the mask.
      const source = before.text.slice(place.old.start, place.old.end).replace(/\r?\n$/, '');
      return [{ ...scalar, text: isVerbatim ? source : JSON.stringify(place.old.value) }];
    }),
  ];
  // As the file has it, if that means the same where it stands now.
  for (const isVerbatim of [true, false]) {
    const text = edited(given.text, edits(isVerbatim));
    const read = parseConfigText(text, given.format, 'The text');
    if (read.ok && isRestored(read.parsed, places.values())) return accepted(read.parsed);
    if (!read.ok && !isVerbatim) return refused(refusal('bad_request', read.message));
  }
  return refused(refusal('bad_request', 'The masked secrets cannot be put back where they stand now'));
}

/** Where secrets stand; an alias at a place that is shown does not make what it stands for less of a secret. */
export function hiddenPlaces(root: ConfigNode): ReadonlySet<number> {
  const hidden = new Set<number>();
  for (const { path, scalar } of scalarsOf(root)) if (!isShown(path, scalar)) hidden.add(scalar.start);
  return hidden;
}

function isRestored(
  parsed: ParsedConfig,
  places: Iterable<{ readonly path: ConfigPath; readonly old: ConfigNode }>,
): boolean {
  return [...places].every(({ path, old }) => {
    const node = nodeAt(parsed.root, path);
    return node !== undefined && isDeepStrictEqual(plainValue(node), plainValue(old));
  });
}

/** `null`: one has no original. Equal ones get their originals in the order of the file. */
function restoredComments(given: ParsedConfig, before: ParsedConfig | null): readonly Edit[] | null {
  const masked = commentsOf(given).filter(({ text }) => text.includes(mask));
  if (masked.length === 0) return [];
  const originals = new Map<string, string[]>();
  if (before !== null) {
    const shown = parseConfigText(maskedText(before), before.format, 'The text');
    const shownComments = shown.ok ? commentsOf(shown.parsed) : [];
    const comments = commentsOf(before);
    // Masking changes no number of comments.
    for (const [index, { text }] of shownComments.entries()) {
      originals.set(text, [...(originals.get(text) ?? []), comments[index]?.text ?? text]);
    }
  }
  const edits: Edit[] = [];
  for (const comment of masked) {
    const original = originals.get(comment.text)?.shift();
    if (original === undefined) return null;
    edits.push({ ...comment, text: original });
  }
  return edits;
}

/** Whether the place is within a setting that holds nothing but secrets. */
function isInSecretList(root: ConfigNode, offset: number): boolean {
  if (root.kind !== 'map') return false;
  const before = root.entries.filter(({ node }) => node.start <= offset).at(-1);
  return before !== undefined && !isShown([before.key], { kind: 'scalar', value: '', start: 0, end: 0 });
}

/** The replaced part of a block ends with the line break that ends the block. */
function replacement(source: string, text: string): string {
  return JSON.stringify(text) + (/[\r\n]$/.test(source) ? '\n' : '');
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const edit of [...edits].sort((one, other) => one.start - other.start)) {
    // What an alias repeats is edited once.
    if (edit.start < at) continue;
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
