/** What a page's text makes of the config file: secrets put back, the baseline's keys understood, and every change judged. */
import { isDeepStrictEqual } from 'node:util';
import { limits } from '../../../schema/limits.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import type { ConfigPath } from '../file/config-node.ts';
import { type ParsedConfig, parseConfigText } from '../file/config-text.ts';
import type { ConfigInForce } from './config-in-force.ts';
import { maskedValue, restoredText } from './masked-text.ts';
import { changedPaths, forbiddenChanges } from './page-changes.ts';
import { type PickedModel, pickedModel, withDefaultModel } from './picked-model.ts';
import { shownConfig } from './shown-config.ts';

export class EditedText {
  readonly #given: ParsedConfig;
  readonly #before: ParsedConfig | null;
  readonly #inForce: Pick<ConfigInForce, 'config' | 'file'>;

  /** `before`: the file on disk; `null`: there is none. */
  constructor(
    given: ParsedConfig,
    before: ParsedConfig | null,
    inForce: Pick<ConfigInForce, 'config' | 'file'>,
  ) {
    this.#given = given;
    this.#before = before;
    this.#inForce = inForce;
  }

  result(): Outcome<ParsedConfig> {
    const picked = this.#picked();
    if (!picked.ok) return picked;
    const restored = restoredText(picked.value, this.#before);
    if (!restored.ok) return restored;
    const problems = forbiddenChanges(restored.value, this.#before);
    if (problems.length === 0) return restored;
    const message = problems.slice(0, limits.configMistakesMax).join('\n');
    return refused(refusal('bad_request', message));
  }

  /** Without the keys of the baseline's picker, and with the model that they pick. */
  #picked(): Outcome<ParsedConfig> {
    const { config, file } = this.#inForce;
    const shown = shownConfig(config, file);
    const picked = pickedModel(this.#given, {
      defaultModel: config.defaultModel,
      modelOf: (provider) => {
        const model = valueAt(shown, ['providers', provider, 'model']);
        return typeof model === 'string' ? model : undefined;
      },
    });
    if (picked === null) return accepted(this.#given);
    const without = this.#parsed(picked.text);
    if (!without.ok) return without;
    // Whoever picks a model sends everything that it was shown; if that is all, the file keeps its form and comments.
    const before = this.#before;
    const isUntouched = before !== null && this.#isAsShown(without.value, before, { shown, picked });
    const base = isUntouched ? before : without.value;
    const text = picked.defaultModel === null ? base.text : withDefaultModel(base, picked.defaultModel);
    return this.#parsed(text);
  }

  #isAsShown(
    given: ParsedConfig,
    before: ParsedConfig,
    { shown, picked }: { readonly shown: object; readonly picked: PickedModel },
  ): boolean {
    const values = Object.fromEntries(given.values);
    return changedPaths(maskedValue(before), values).every((path) => {
      if (path[0] === 'defaultModel' && picked.defaultModel !== null) return true;
      const value = valueAt(values, path);
      return value === undefined || isDeepStrictEqual(value, valueAt(shown, path));
    });
  }

  #parsed(text: string): Outcome<ParsedConfig> {
    const read = parseConfigText(text, this.#given.format, 'content');
    return read.ok ? accepted(read.parsed) : refused(refusal('bad_request', read.message));
  }
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}
