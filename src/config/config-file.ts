/** Reads the config file from disk. */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { limits } from '../../schema/limits.ts';
import type { ConfigLocation } from './file/config-location.ts';
import { type ParsedConfig, parseConfigText } from './file/config-text.ts';

export type ConfigFileBytes =
  /** `null`: there is no file. */
  { readonly ok: true; readonly bytes: Buffer | null } | { readonly ok: false; readonly message: string };

export type ConfigFile =
  /** `parsed` `null`: there is no file. */
  | { readonly ok: true; readonly parsed: ParsedConfig | null }
  | { readonly ok: false; readonly message: string };

/** Opening must not wait for whoever writes into a pipe. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

export function configFileBytes({ path, named }: ConfigLocation): ConfigFileBytes {
  let file: number;
  try {
    file = openSync(path, openFlags);
  } catch (error) {
    return isMissing(error) ? { ok: true, bytes: null } : { ok: false, message: unreadable(named, error) };
  }
  try {
    const about = fstatSync(file);
    if (!about.isFile()) {
      const reason = about.isDirectory() ? 'EISDIR' : 'it is not a file';
      return { ok: false, message: `cannot read the config file ${named}: ${reason}` };
    }
    // One more, so that a file that grows meanwhile is noticed.
    const bytes = Buffer.alloc(limits.configFileBytesMax + 1);
    let size = 0;
    for (let read = 1; read > 0 && size < bytes.length; size += read) {
      read = readSync(file, bytes, size, bytes.length - size, null);
    }
    if (size > limits.configFileBytesMax) {
      return { ok: false, message: `${named} has more than ${limits.configFileBytesMax} bytes` };
    }
    return { ok: true, bytes: bytes.subarray(0, size) };
  } catch (error) {
    return { ok: false, message: unreadable(named, error) };
  } finally {
    closeSync(file);
  }
}

export function parsedConfigFile(bytes: Buffer | null, { format, named }: ConfigLocation): ConfigFile {
  if (bytes === null) return { ok: true, parsed: null };
  if (!isUtf8(bytes)) return { ok: false, message: `${named} is not UTF-8` };
  return parseConfigText(bytes.toString('utf8'), format, named);
}

/** A missing file is an error only when `required`. Messages never quote the file, because it may hold secrets. */
export function readConfigFile(
  location: ConfigLocation,
  { required }: { readonly required: boolean },
): ConfigFile {
  const read = configFileBytes(location);
  if (!read.ok) return read;
  if (read.bytes === null && required) {
    return { ok: false, message: `cannot read the config file ${location.named}: there is no such file` };
  }
  return parsedConfigFile(read.bytes, location);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unreadable(named: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  return `cannot read the config file ${named}: ${code}`;
}
