/**
 * The keys with which the baseline's page shows and picks a model (docs/protocol.md A6): `model`, `provider.name` and
 * `providers.<name>.{provider: {name}, model}`. They are no settings of ours: they stand for `defaultModel`, and are
 * never stored.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Document, parseDocument } from 'yaml';
import { nodeAt, plainValue } from '../file/config-node.ts';
import { type ParsedConfig, parseConfigText } from '../file/config-text.ts';
import { parsedModelName } from '../model-choice.ts';

type Shown = { readonly model: string; readonly provider: { readonly name: string } };

/** What the page is shown of a default model. */
export function shownModel(defaultModel: string): Shown {
  const name = parsedModelName(defaultModel);
  if (name === undefined || !('model' in name))
    return { model: 'rehearsal', provider: { name: 'rehearsal' } };
  return { model: name.model, provider: { name: name.provider } };
}

/** Of one provider: its model if it answers by default, else the first that it lists. */
export function shownProvider(name: string, defaultModel: string, models: readonly string[]) {
  const { model, provider } = shownModel(defaultModel);
  return { provider: { name }, model: provider.name === name ? model : (models[0] ?? '') };
}

export type PickedModel = {
  /** `null`: the one that the page had been shown. */
  readonly defaultModel: string | null;
  /** Without the keys. */
  readonly text: string;
};

/**
 * Takes the keys out of `given`, and finds what they pick; `before`: what the page had been shown. The text without them
 * is written anew, as whoever made it from parsed values has done before. `null`: the text has none of those keys.
 */
export function pickedModel(
  given: ParsedConfig,
  before: { readonly defaultModel: string; readonly modelOf: (provider: string) => string | undefined },
): PickedModel | null {
  const { root } = given;
  const text = (path: readonly string[]): string | undefined => {
    const node = nodeAt(root, path);
    return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
  };
  const providers = nodeAt(root, ['providers']);
  const names = providers?.kind === 'map' ? providers.entries.map(({ key }) => key) : [];
  const foreign: (readonly string[])[] = [
    ['model'],
    ['provider'],
    ['providers', 'rehearsal'],
    ...names.flatMap((name) => ['provider', 'model'].map((key) => ['providers', name, key])),
  ].filter((path) => nodeAt(root, path) !== undefined);
  if (foreign.length === 0) return null;

  const shown = shownModel(before.defaultModel);
  const provider = text(['provider', 'name']) ?? text(['provider']) ?? shown.provider.name;
  const model = text(['model']) ?? shown.model;
  const ofProvider = text(['providers', provider, 'model']);
  const isOtherProvider = provider !== shown.provider.name;
  const isOtherModel = model !== shown.model;
  const isOfProviderChanged = ofProvider !== undefined && ofProvider !== before.modelOf(provider);
  const chosen = isOtherModel || !(isOtherProvider || isOfProviderChanged) ? model : (ofProvider ?? model);
  const isPicked = isOtherProvider || isOtherModel || isOfProviderChanged;
  return {
    defaultModel: isPicked ? (provider === 'rehearsal' ? 'rehearsal' : `${provider}/${chosen}`) : null,
    text: withoutKeys(given, foreign),
  };
}

function withoutKeys(given: ParsedConfig, paths: readonly (readonly string[])[]): string {
  if (given.format === 'json') {
    const kept = plainValue(given.root, undefined, [], (path) => !paths.some((other) => isSame(path, other)));
    return `${JSON.stringify(kept, null, 2)}\n`;
  }
  const document = documentOf(given.text);
  // Behind an alias there is nothing to delete; then the key stays, and is refused as unknown.
  for (const path of paths) if (document.hasIn(path.slice(0, -1))) document.deleteIn(path);
  return document.toString();
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, index) => key === other[index]);
}

function documentOf(text: string): Document {
  return parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
}

/** The text with `defaultModel` set: in its place if it has one, else before everything else. */
export function withDefaultModel(parsed: ParsedConfig, model: string): string {
  const { text, root, format } = parsed;
  const value = JSON.stringify(model);
  const node = nodeAt(root, ['defaultModel']);
  if (node !== undefined) {
    const changed = text.slice(0, node.start) + value + text.slice(node.end);
    // What an alias repeats would change elsewhere too.
    const read = parseConfigText(changed, format, '');
    const isAlone =
      read.ok &&
      read.parsed.values.get('defaultModel') === model &&
      [...parsed.values].every(
        ([key, old]) => key === 'defaultModel' || isDeepStrictEqual(old, read.parsed.values.get(key)),
      );
    if (isAlone) return changed;
    const document = documentOf(text);
    document.set('defaultModel', model);
    return document.toString();
  }
  if (text.slice(root.start, root.start + 1) === '{') {
    const rest = root.entries.length === 0 ? '\n' : ',';
    const inside = root.start + 1;
    return `${text.slice(0, inside)}\n  "defaultModel": ${value}${rest}${text.slice(inside)}`;
  }
  if (root.entries.length > 0) {
    return `${text.slice(0, root.start)}defaultModel: ${value}\n${text.slice(root.start)}`;
  }
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}defaultModel: ${value}\n`;
}
