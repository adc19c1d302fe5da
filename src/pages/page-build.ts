/** Builds a page from its sources: rolldown bundles the scripts, Lightning CSS the style. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundleSource } from './page-sources.ts';
import { type CompressedText, compressed, hashOf } from './web-file.ts';

export type BuiltFile = CompressedText & { readonly name: string };

export type BuiltPage = {
  /** The names of the page's entry files in `files`. */
  readonly script: string;
  readonly style: string;
  readonly worker: string | undefined;
  /** Scripts, the chunks that they load later, and the style. */
  readonly files: readonly BuiltFile[];
  /** Absolute paths of every file that was read, packages included. */
  readonly inputs: readonly string[];
};

/** Browsers of the last two years. */
const targets = { chrome: 120 << 16, firefox: 121 << 16, safari: (17 << 16) | (2 << 8) };

/** `folder` holds the sources. Rejects with the bundler's error. */
export async function builtPage(source: BundleSource, folder: string): Promise<BuiltPage> {
  const [scripts, style] = await Promise.all([
    builtScripts(source, folder),
    builtStyle(join(folder, source.style)),
  ]);
  const styleName = `${source.name}-${hashOf(style.text)}.css`;
  return {
    script: scripts.entryNamed(source.name),
    style: styleName,
    worker: source.worker === undefined ? undefined : scripts.entryNamed(`${source.name}-worker`),
    files: await Promise.all(
      [...scripts.files, { name: styleName, text: style.text }].map(async ({ name, text }) => ({
        name,
        ...(await compressed(text)),
      })),
    ),
    inputs: [...scripts.inputs, ...style.inputs],
  };
}

async function builtScripts(source: BundleSource, folder: string) {
  const entries = {
    [source.name]: join(folder, source.script),
    ...(source.worker === undefined ? {} : { [`${source.name}-worker`]: join(folder, source.worker) }),
  };
  const bundles =
    source.isWhole === true
      ? await Promise.all(Object.entries(entries).map((entry) => bundled(Object.fromEntries([entry]), false)))
      : [await bundled(entries, true)];
  const chunks = bundles.flatMap((bundle) => bundle.chunks);
  return {
    files: chunks.map(({ fileName, code }) => ({ name: fileName, text: code })),
    inputs: bundles.flatMap(({ inputs }) => inputs),
    entryNamed(name: string): string {
      const entry = chunks.find((chunk) => chunk.isEntry && chunk.name === name);
      if (entry === undefined) throw new Error(`the bundler made no ${name}`);
      return entry.fileName;
    },
  };
}

/** `codeSplitting`: what is imported when it is needed becomes a file of its own. */
async function bundled(input: Readonly<Record<string, string>>, codeSplitting: boolean) {
  // Imported only here: a server whose pages are cached never loads its native code.
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    input: { ...input },
    platform: 'browser',
    transform: { target: 'es2022', jsx: { runtime: 'automatic', importSource: 'preact' } },
    logLevel: 'silent',
  });
  try {
    const { output } = await bundle.generate({
      format: 'esm',
      minify: true,
      entryFileNames: '[name]-[hash].js',
      chunkFileNames: '[name]-[hash].js',
      ...(codeSplitting ? {} : { codeSplitting }),
    });
    return {
      chunks: output.filter((chunk) => chunk.type === 'chunk'),
      inputs: await bundle.watchFiles,
    };
  } finally {
    await bundle.close();
  }
}

async function builtStyle(file: string) {
  const { bundleAsync } = await import('lightningcss');
  const inputs: string[] = [];
  const { code } = await bundleAsync({
    filename: file,
    minify: true,
    targets,
    resolver: {
      read(path) {
        inputs.push(path);
        return readFile(path, 'utf8');
      },
    },
  });
  return { text: Buffer.from(code).toString(), inputs };
}
