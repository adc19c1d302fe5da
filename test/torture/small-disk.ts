/** A small file system in memory, which can be filled and freed again. Mounting one needs root. */
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../processes/server-process.ts';
import { isRoot, run } from './shell.ts';

export class SmallDisk {
  readonly #folder: Awaited<ReturnType<typeof temporaryFolder>>;

  private constructor(folder: Awaited<ReturnType<typeof temporaryFolder>>) {
    this.#folder = folder;
  }

  /** Rejects where nothing can be mounted. */
  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = await temporaryFolder();
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder.path]);
    } catch (error) {
      await folder.remove();
      throw error;
    }
    return new SmallDisk(folder);
  }

  get path(): string {
    return this.#folder.path;
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }

  /** Leaves not a single page free. */
  async fill(): Promise<void> {
    const page = Buffer.alloc((await statfs(this.path)).bsize, 1);
    const file = await open(this.#ballast, 'a');
    try {
      for (;;) await file.write(page);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      await file.close();
    }
  }

  async free(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  async unmount(): Promise<void> {
    await run('umount', [this.path]);
    await this.#folder.remove();
  }
}

/** Why no file system can be mounted here, or `null`. */
export async function mountObstacle(): Promise<string | null> {
  if (!isRoot) return 'mounting a small file system needs root';
  return SmallDisk.mount(1).then(
    async (disk) => {
      await disk.unmount();
      return null;
    },
    (error: unknown) => String(error),
  );
}
