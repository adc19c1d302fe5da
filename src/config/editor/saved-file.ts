/** Saves the config file: whole or not at all, with what was there before beside it as `<file>.bak`. */
import { type FileHandle, open, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';

const newFileMode = 0o600;

/** The calls of the file system that saving makes; tests replace them to make them fail. */
export const saveCalls = { open, rename, rm, stat } as const;
export type SaveCalls = typeof saveCalls;

/**
 * `before`: the bytes that the file had; `null`: there was none. A link is followed, so that it stays one. `isUnchanged` is
 * asked last, as late as can be. Refuses with the reason when nothing was saved.
 */
export async function saveConfigFile(
  path: string,
  text: string,
  { before, isUnchanged }: { readonly before: Buffer | null; readonly isUnchanged: () => boolean },
  calls: SaveCalls = saveCalls,
): Promise<Outcome<null>> {
  const written: string[] = [];
  try {
    const target = await linkTarget(path);
    const folder = dirname(target);
    const mode = before === null ? newFileMode : (await calls.stat(target)).mode & 0o777;
    const write = async (name: string, bytes: Buffer): Promise<string> => {
      // What a process that was killed has left there is replaced.
      const temporary = join(folder, `.${basename(target)}.${name}`);
      await calls.rm(temporary, { force: true });
      written.push(temporary);
      await writeDurably(calls, temporary, bytes, mode);
      return temporary;
    };
    const saved = await write('new', Buffer.from(text));
    if (before !== null) await calls.rename(await write('old', before), `${target}.bak`);
    if (!isUnchanged())
      return refused(refusal('conflict', 'The config file has changed on disk; read it again'));
    await calls.rename(saved, target);
    await syncFolder(calls, folder);
    return accepted(null);
  } catch (error) {
    return refused(refusal('unavailable', `The config file cannot be written: ${fault(error)}`));
  } finally {
    for (const temporary of written) await calls.rm(temporary, { force: true }).catch(() => {});
  }
}

async function linkTarget(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // There is no file yet; a link may say where it belongs.
    const target = await readlink(path).catch(() => null);
    return target === null ? path : resolve(dirname(path), target);
  }
}

async function writeDurably(calls: SaveCalls, path: string, bytes: Buffer, mode: number): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await calls.open(path, 'wx', mode);
    // Whatever the process masks.
    await file.chmod(mode);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file?.close();
  }
}

/** Not every system can; then the name is durable a little later. */
async function syncFolder(calls: SaveCalls, folder: string): Promise<void> {
  const handle = await calls.open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function fault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied in its folder';
    case 'EROFS':
      return 'the file system is read-only';
    case 'ENOENT':
      return 'its folder does not exist';
    case 'EBUSY':
      return 'it is in use by the system, as a single file that is mounted into a container is';
    default:
      return code;
  }
}
