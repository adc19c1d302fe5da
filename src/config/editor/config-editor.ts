/**
 * The config editor: shows the config file without its secrets, judges what might become of it, saves it, and puts what
 * can be changed live in force (SPEC EDT). One thing after the other, so that no two editors overwrite each other.
 */
import { createHmac, randomBytes } from 'node:crypto';
import type { ConfigPreview, EditedConfig, SaveConfig } from '../../../schema/config-editor.ts';
import { limits } from '../../../schema/limits.ts';
import { accepted, type Outcome, type Refusal, refusal, refused } from '../../../schema/refusal.ts';
import { configFileBytes, parsedConfigFile } from '../config-file.ts';
import type { ConfigLocation } from '../file/config-location.ts';
import { type ConfigFormat, type ParsedConfig, parseConfigText } from '../file/config-text.ts';
import type { ConfigSource } from '../load-config.ts';
import type { Config } from '../settings.ts';
import { ConfigInForce } from './config-in-force.ts';
import { EditedText } from './edited-text.ts';
import { maskedText, maskedValue } from './masked-text.ts';
import { type SaveCalls, saveCalls, saveConfigFile } from './saved-file.ts';
import { shownConfig } from './shown-config.ts';

export type ConfigEditorOptions = {
  readonly source: ConfigSource;
  /** What the server started with. */
  readonly config: Config;
  readonly file: ParsedConfig | null;
  /** Puts a config in force, of which only what is declared `live` has changed. */
  readonly apply: (config: Config) => void;
  /** Why nothing can be saved now, or `null`. */
  readonly admission: () => Refusal | null;
  readonly calls?: SaveCalls;
};

/** What reading the file anew, or saving it, has changed. */
export type ConfigFileChange = {
  /** Settings that are in force now, and those that need a restart. */
  readonly changed: readonly string[];
  readonly restartNeeded: readonly string[];
};

/** The file on disk, and what can be said of it. */
type OnDisk = {
  readonly location: ConfigLocation;
  readonly isFixed: boolean;
  readonly bytes: Buffer | null;
  readonly parsed: ParsedConfig | null;
  /** Why it cannot be used. */
  readonly error: string | null;
};

export class ConfigEditor {
  readonly #options: ConfigEditorOptions;
  readonly #inForce: ConfigInForce;
  /** A plain digest of the file would let whoever knows the rest of it guess at its secrets. */
  readonly #versionKey = randomBytes(32);
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(options: ConfigEditorOptions) {
    this.#options = options;
    this.#inForce = new ConfigInForce(options.config, options.file);
  }

  readonly read = (): EditedConfig => {
    const { config, file } = this.#inForce;
    const disk = this.#disk();
    const resolved = disk.error === null ? this.#resolved(disk.parsed, disk.location) : undefined;
    const error = disk.error ?? (resolved?.ok === false ? mistakes(resolved.problems) : null);
    return {
      path: disk.location.path,
      format: disk.location.format,
      content: disk.parsed === null ? '' : maskedText(disk.parsed),
      input: objectOf(disk.parsed === null ? {} : maskedValue(disk.parsed)),
      config: shownConfig(config, file),
      error,
      version: this.#version(disk.bytes),
      reloadNeeded: (disk.parsed?.text ?? null) !== (file?.text ?? null),
      restartNeeded:
        resolved?.ok === true ? [...this.#inForce.differences(resolved.config).restartNeeded] : [],
      overridden: this.#overridden(disk.parsed),
    };
  };

  readonly preview = (content: string, format: ConfigFormat): Outcome<ConfigPreview> => {
    const disk = this.#disk(format);
    const judged = this.#judged(content, format, disk);
    if (!judged.ok) return judged;
    const { parsed, config } = judged.value;
    const { changed, restartNeeded } = this.#inForce.differences(config);
    return accepted({
      input: objectOf(maskedValue(parsed)),
      config: shownConfig(this.#inForce.with(config), parsed),
      changed: [...changed],
      restartNeeded: [...restartNeeded],
      overridden: this.#overridden(parsed),
    });
  };

  /** Resolves with what has changed, once the file is saved and in force. */
  readonly save = (given: SaveConfig): Promise<Outcome<ConfigFileChange>> =>
    this.#inTurn(async () => {
      const obstacle = this.#options.admission();
      if (obstacle !== null) return refused(obstacle);
      const disk = this.#disk(given.format);
      const judged = this.#judged(given.content, given.format, disk);
      if (!judged.ok) return judged;
      const { parsed, config } = judged.value;
      if (parsed.text !== disk.parsed?.text) {
        const version = this.#version(disk.bytes);
        if (given.version !== undefined && given.version !== version) return refused(staleVersion);
        const saved = await saveConfigFile(
          disk.location.path,
          parsed.text,
          {
            before: disk.bytes,
            isUnchanged: () => this.#version(this.#disk(given.format).bytes) === version,
          },
          this.#options.calls ?? saveCalls,
        );
        if (!saved.ok) return saved;
      }
      return accepted(this.#putInForce(config, parsed));
    });

  /** Reads the file on disk again. Refuses with its mistakes, and then changes nothing. */
  readonly reload = (): Promise<Outcome<ConfigFileChange>> =>
    this.#inTurn(async () => {
      const disk = this.#disk();
      if (disk.error !== null) return refused(refusal('bad_request', disk.error));
      const resolved = this.#resolved(disk.parsed, disk.location);
      if (!resolved.ok) return refused(refusal('bad_request', mistakes(resolved.problems)));
      return accepted(this.#putInForce(resolved.config, disk.parsed));
    });

  async #inTurn<Value>(run: () => Promise<Outcome<Value>>): Promise<Outcome<Value>> {
    if (this.#waiting >= limits.configEditsWaitingMax) {
      return refused(refusal('overloaded', 'Too many changes of the config wait; try again'));
    }
    this.#waiting++;
    const done = this.#last.then(run);
    this.#last = done.catch(() => {});
    return await done.finally(() => this.#waiting--);
  }

  #putInForce(config: Config, file: ParsedConfig | null): ConfigFileChange {
    const { changed, restartNeeded } = this.#inForce.differences(config);
    const next = this.#inForce.replace(config, file);
    if (changed.length > restartNeeded.length) this.#options.apply(next);
    return { changed: changed.filter((key) => !restartNeeded.includes(key)), restartNeeded };
  }

  /** What `content` makes of the file, if a page may make that of it. */
  #judged(
    content: string,
    format: ConfigFormat,
    disk: OnDisk,
  ): Outcome<{ readonly parsed: ParsedConfig; readonly config: Config }> {
    const { location, bytes, parsed: before, error } = disk;
    if (error !== null) {
      return refused(refusal('conflict', `The file on disk cannot be used, mend it there first: ${error}`));
    }
    if (location.format !== format && (bytes !== null || disk.isFixed)) {
      return refused(refusal('bad_request', `The config file is ${location.format}, not ${format}`));
    }
    const read = parseConfigText(content, format, 'content');
    if (!read.ok) return refused(refusal('bad_request', read.message));
    const edited = new EditedText(read.parsed, before, this.#inForce).result();
    if (!edited.ok) return edited;
    const resolved = this.#resolved(edited.value, { ...location, named: 'content' });
    return resolved.ok
      ? accepted({ parsed: edited.value, config: resolved.config })
      : refused(refusal('bad_request', mistakes(resolved.problems)));
  }

  #resolved(parsed: ParsedConfig | null, location: ConfigLocation) {
    return this.#options.source.resolve(parsed?.values ?? new Map(), location);
  }

  #disk(wanted?: ConfigFormat): OnDisk {
    const found = this.#options.source.locate(wanted);
    const { location, isFixed } = found;
    const nothing = { location, isFixed, bytes: null, parsed: null };
    if (found.problem !== null) return { ...nothing, error: found.problem };
    const read = configFileBytes(location);
    if (!read.ok) return { ...nothing, error: read.message };
    const { bytes } = read;
    const file = parsedConfigFile(bytes, location);
    return file.ok
      ? { location, isFixed, bytes, parsed: file.parsed, error: null }
      : { location, isFixed, bytes, parsed: null, error: file.message };
  }

  #version(bytes: Buffer | null): string | null {
    if (bytes === null) return null;
    return createHmac('sha256', this.#versionKey).update(bytes).digest('base64url').slice(0, 22);
  }

  #overridden(parsed: ParsedConfig | null): { key: string; by: string }[] {
    return [...this.#options.source.overrides].flatMap(([key, by]) =>
      parsed?.values.has(key) === true ? [{ key, by }] : [],
    );
  }
}

const staleVersion = refusal(
  'conflict',
  'Somebody else has changed the config file since it was read; read it again',
);

function mistakes(problems: readonly string[]): string {
  const more = problems.length - limits.configMistakesMax;
  const shown = problems.slice(0, limits.configMistakesMax);
  return [...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n');
}

function objectOf(value: unknown): EditedConfig['input'] {
  return JSON.parse(JSON.stringify(value ?? {}));
}
