/**
 * Caches built pages, so that only the first start after a change builds them. A cached page is used when every file
 * that it was built from is unchanged.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { BuiltPage } from './page-build.ts';
import { hashOf } from './web-file.ts';

export type BuildCache = {
  /** `undefined`: the page is not cached, or its source files have changed. */
  readonly read: (name: string) => Promise<BuiltPage | undefined>;
  /** Resolves with false when no folder could be written. */
  readonly write: (name: string, page: BuiltPage) => Promise<boolean>;
};

/** Increase it when the build produces other output from the same input. */
const buildVersion = 2;

const bytes = z.string().transform((text) => Buffer.from(text, 'base64'));

const cachedSchema = z.object({
  version: z.literal(buildVersion),
  inputs: z.array(z.object({ path: z.string(), hash: z.string() })),
  script: z.string(),
  style: z.string(),
  worker: z.string().optional(),
  files: z.array(z.object({ name: z.string(), text: z.string(), gzip: bytes, brotli: bytes })),
});

/** Uses the first of `folders` that works. Each must belong to the user, because its files are sent to browsers. */
export function createBuildCache(folders: readonly string[]): BuildCache {
  return {
    async read(name) {
      for (const folder of folders) {
        const page = await readFrom(join(folder, `${name}.json`));
        if (page !== undefined) return page;
      }
      return undefined;
    },
    async write(name, page) {
      const inputs = await Promise.all(
        page.inputs.map(async (path) => ({ path, hash: hashOf(await readFile(path)) })),
      );
      const files = page.files.map(({ gzip, brotli, ...file }) => ({
        ...file,
        gzip: gzip.toString('base64'),
        brotli: brotli.toString('base64'),
      }));
      const text = JSON.stringify({ ...page, version: buildVersion, inputs, files });
      for (const folder of folders) if (await isWritten(folder, `${name}.json`, text)) return true;
      return false;
    },
  };
}

async function readFrom(file: string): Promise<BuiltPage | undefined> {
  try {
    const { inputs, worker, ...page } = cachedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const areSame = await Promise.all(
      inputs.map(async ({ path, hash }) => hashOf(await readFile(path)) === hash),
    );
    if (areSame.includes(false)) return undefined;
    return { ...page, worker, inputs: inputs.map(({ path }) => path) };
  } catch {
    // The file is missing or was not written by this cache, or a source file is gone: the page is built again.
    return undefined;
  }
}

/** Writes by renaming, so that nobody sees half a file. */
async function isWritten(folder: string, name: string, text: string): Promise<boolean> {
  const draft = join(folder, `${name}.${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, join(folder, name));
    return true;
  } catch {
    await rm(draft, { force: true }).catch(() => {});
    return false;
  }
}
