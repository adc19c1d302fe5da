/** The config of a running server, for its routes and for signals: edited, read again, told to clients. */
import type { Outbox } from '../../../actors/outbox/outbox.ts';
import type { Clock, Log } from '../../../actors/ports.ts';
import type { ConfigPreview, EditedConfig, SaveConfig } from '../../../schema/config-editor.ts';
import { limits } from '../../../schema/limits.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import type { ConfigFormat } from '../file/config-text.ts';
import type { Config } from '../settings.ts';
import { ConfigEditor, type ConfigEditorOptions, type ConfigFileChange } from './config-editor.ts';
import { shownConfig } from './shown-config.ts';

export type ServerConfig = {
  readonly read: () => EditedConfig;
  readonly preview: (content: string, format: ConfigFormat) => Outcome<ConfigPreview>;
  /** Resolves with the whole once the file is saved, in force, and told. */
  readonly save: (given: SaveConfig, owner: string) => Promise<Outcome<EditedConfig>>;
  /** Reads the file again, as on SIGHUP, and logs what came of it. Never rejects. */
  readonly reload: () => Promise<void>;
};

export type ServerConfigOptions = Omit<ConfigEditorOptions, 'source' | 'file'> & {
  /** Absent: the program that embeds the server keeps its config itself. */
  readonly from?: Pick<ConfigEditorOptions, 'source' | 'file'> | undefined;
  readonly outbox: Pick<Outbox, 'accept' | 'settled'>;
  /** Tells clients the runtime config ([CFG1]). */
  readonly tell: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Log;
};

export function serverConfig(options: ServerConfigOptions): ServerConfig {
  const { from, log } = options;
  if (from === undefined) return withoutFile(options.config);
  const editor = new ConfigEditor({ ...options, ...from });
  return {
    read: editor.read,
    preview: editor.preview,
    save: async (given, owner) => {
      const saved = await editor.save(given);
      if (!saved.ok) return saved;
      log.info('The config file was saved by its editor', saved.value);
      await told(options, saved.value, owner);
      return accepted(editor.read());
    },
    reload: async () => {
      const read = await editor.reload();
      if (!read.ok) {
        log.error('The config file was not read again; what was in force stays', {
          mistakes: read.refusal.message.split('\n'),
        });
        return;
      }
      const { changed, restartNeeded } = read.value;
      const { overridden } = editor.read();
      log.info('The config file was read again', { changed, restartNeeded, overridden });
      if (changed.length > 0) await told(options, read.value, null);
    },
  };
}

/** The file is saved, so whoever asked is answered even if the journal takes long. */
async function told(
  options: ServerConfigOptions,
  change: ConfigFileChange,
  owner: string | null,
): Promise<void> {
  const { outbox, clock, tell, log } = options;
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(limits.commandWaitMsMax, resolve);
  const data = { owner, changed: [...change.changed], restartNeeded: [...change.restartNeeded] };
  outbox.accept({ type: 'config-file.updated', sessionId: null, at: clock.now(), data });
  const telling = Promise.all([outbox.settled(null), tell()]).catch((cause: unknown) =>
    log.warn('A change of the config could not be told', { cause }),
  );
  await Promise.race([telling, late]);
  cancel();
}

function withoutFile(config: Config): ServerConfig {
  const none = refused(
    refusal('conflict', 'This server has no config file: the program that runs it keeps its config'),
  );
  return {
    read: () => ({
      path: null,
      format: 'json',
      content: '',
      input: {},
      config: JSON.parse(JSON.stringify(shownConfig(config, null))),
      error: null,
      version: null,
      reloadNeeded: false,
      restartNeeded: [],
      overridden: [],
    }),
    preview: () => none,
    save: async () => none,
    reload: async () => {},
  };
}
