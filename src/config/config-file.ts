/** Reads `callboard.config.json`. */
import { readFileSync } from 'node:fs';

export type ConfigFile =
  | { readonly ok: true; readonly values: ReadonlyMap<string, unknown> }
  | { readonly ok: false; readonly message: string };

/**
 * Returns the keys and values of the file at `path`. `named` is the path as the user wrote it, for messages. A
 * missing file is an error only when `required`. Messages never quote the file, because it may hold secrets.
 */
export function readConfigFile(options: {
  readonly path: string;
  readonly named: string;
  readonly required: boolean;
}): ConfigFile {
  const { path, named, required } = options;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' && !required) return { ok: true, values: new Map() };
    const reason = code === 'ENOENT' ? 'there is no such file' : code;
    return { ok: false, message: `cannot read the config file ${named}: ${reason}` };
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    // The rest of the message quotes the file.
    const place = error instanceof Error ? /\(line \d+ column \d+\)/.exec(error.message)?.[0] : undefined;
    return { ok: false, message: `${named} is not JSON${place === undefined ? '' : ` ${place}`}` };
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return { ok: false, message: `${named} must hold one JSON object` };
  }
  return { ok: true, values: new Map(Object.entries(json)) };
}
