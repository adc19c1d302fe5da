/** A config editor over real files, in a folder of each test's own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { ConfigEditor } from '../../../../src/config/editor/config-editor.ts';
import { openConfig } from '../../../../src/config/load-config.ts';
import type { Config } from '../../../../src/config/settings.ts';

export const reference = (variable: string) => `\${${variable}}`;
/** Every secret in it is recognised by `hunter2`. */
export const file = `# My server
port: 4000
apiKeys: [hunter2-key]
defaultModel: local/small # the cheap one
providers:
  local:
    type: openai-compatible
    baseUrl: http://127.0.0.1:9/v1
    apiKey: hunter2
    models: [small, { id: large, label: Large }]
  cloud:
    type: openai
    apiKey: ${reference('CLOUD_KEY')}
mcpServers:
  files: { command: npx, args: [hunter2-argument], disabled: true }
tools:
  clock: { approval: always, enabled: false }
turnStepsMax: 5
`;
const env = { CLOUD_KEY: 'hunter2-from-environment' };

/** Registers hooks; call it once in a test file. */
export function editorWorld() {
  let cwd = '';
  /** What was put in force. */
  const applied: Config[] = [];
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'callboard-editor-'));
    applied.length = 0;
  });
  afterEach(() => rmSync(cwd, { recursive: true }));
  const at = (name: string) => join(cwd, name);
  const path = () => at('callboard.config.yaml');
  const onDisk = () => readFileSync(path(), 'utf8');
  /** `text` `null`: there is no file. */
  function editor({
    text = file,
    argv = [] as string[],
  }: {
    text?: string | null;
    argv?: string[];
  } = {}): ConfigEditor {
    if (text !== null) writeFileSync(path(), text);
    const opened = openConfig({ argv, env, cwd });
    if (opened.ok !== true) throw new Error('the config was refused');
    return new ConfigEditor({ ...opened, apply: (config) => applied.push(config), admission: () => null });
  }
  return { at, path, onDisk, applied, editor };
}

export async function saved(one: ConfigEditor, content: string, version?: string | null) {
  return await one.save({ content, format: 'yaml', ...(version === undefined ? {} : { version }) });
}
