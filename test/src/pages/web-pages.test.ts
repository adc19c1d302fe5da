/** The server's pages: built, cached, served, and failing. Method: small pages in a folder. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Log } from '../../../actors/ports.ts';
import { webAnswer } from '../../../src/gateway/http/web-answer.ts';
import { pageCsp } from '../../../src/pages/page-html.ts';
import { type PageSource, pageSources } from '../../../src/pages/page-sources.ts';
import type { WebFile } from '../../../src/pages/web-file.ts';
import { createWebPages } from '../../../src/pages/web-pages.ts';

const source: PageSource = {
  name: 'small',
  path: '/small',
  title: 'Small',
  script: 'main.tsx',
  style: 'page.css',
  worker: 'worker.ts',
};

const webFolder = join(import.meta.dirname, '../../../src/web');

let folder: string;
let lines: (readonly [level: string, message: string, error: unknown])[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'callboard-pages-'));
  lines = [];
  await write('word.ts', `export const word = 'first';`);
  await write('main.tsx', `import { word } from './word.ts';\ndocument.title = word;`);
  await write('worker.ts', `self.postMessage('worker');`);
  await write('colour.css', 'a { color: red; }');
  await write('page.css', `@import "./colour.css";\nb { color: blue; }`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const cacheFolder = () => join(folder, 'cache');

function pages(cacheFolders: readonly string[] = [cacheFolder()]) {
  const line = (level: string) => (message: string, context?: object) => {
    lines.push([level, message, context === undefined ? undefined : Reflect.get(context, 'error')]);
  };
  const log: Log = {
    trace: line('trace'),
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  return createWebPages({ cacheFolders, log, sources: [source], folder });
}

async function found(from: ReturnType<typeof pages>, path: string): Promise<WebFile> {
  const file = await from.find(path);
  if (file === undefined || file === 'failed') throw new Error(`${path}: ${file}`);
  return file;
}

async function scriptOf(from: ReturnType<typeof pages>): Promise<WebFile> {
  const [, script] = /src="(.+?)"/.exec((await found(from, '/small')).bytes.toString()) ?? [];
  return await found(from, `/${script}`);
}

describe('a page', () => {
  it('[WEB1] is built from its script, style and worker, each named by its content', async () => {
    const built = pages();
    const html = (await found(built, '/small')).bytes.toString();
    const [, worker] = /data-worker="(.+?)"/.exec(html) ?? [];
    const [, style] = /rel="stylesheet" href="(.+?)"/.exec(html) ?? [];
    const script = await scriptOf(built);
    expect(script.bytes.toString()).toContain('first');
    expect((await found(built, `/${worker}`)).bytes.toString()).toContain('postMessage');
    expect((await found(built, `/${style}`)).bytes.toString()).toBe('a{color:red}b{color:#00f}');
    for (const name of [script.path.slice(1), worker, style])
      expect(name).toMatch(/^web\/small[\w-]*\.(js|css)$/);
    expect(await built.find('/web/small-other.js')).toBeUndefined();
    expect(await built.find('/web')).toBeUndefined();
    expect((await found(built, '/web/icon.svg')).type).toBe('image/svg+xml');
    expect(lines).toEqual([]);
  });

  // A file had moved, and only the server's log said so.
  it.each(pageSources)('[WEB1] $path names files that are there', async ({ script, style, worker }) => {
    const named = [script, style, ...(worker === undefined ? [] : [worker])];
    for (const file of named) expect((await stat(join(webFolder, file))).isFile()).toBe(true);
  });

  it('[WEB1] comes from the cache until something that it was built from changes', async () => {
    const first = await scriptOf(pages());
    const [cached] = await readdir(cacheFolder());
    const file = join(cacheFolder(), cached ?? '');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('first', 'cached'));
    expect((await scriptOf(pages())).bytes.toString()).toContain('cached');
    await write('word.ts', `export const word = 'second';`);
    const second = await scriptOf(pages());
    expect(second.bytes.toString()).toContain('second');
    expect(second.path).not.toBe(first.path);
    await writeFile(file, '{"version":1');
    expect((await scriptOf(pages())).bytes.toString()).toContain('second');
    expect(lines).toEqual([]);
  });

  it('[WEB1] is kept in the next folder when the first cannot be written, and built each time without any', async () => {
    await write('file', '');
    await scriptOf(pages([join(folder, 'file', 'x'), cacheFolder()]));
    expect(await readdir(cacheFolder())).toEqual(['small.json']);
    expect(lines).toEqual([]);
    await scriptOf(pages([join(folder, 'file', 'x')]));
    expect(lines.map(([level]) => level)).toEqual(['warn']);
  });

  it('[WEB2] comes with a policy without anything inline or foreign', async () => {
    const { csp } = await found(pages(), '/small');
    expect(csp).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'/);
    expect(csp).toContain("img-src 'self' blob:;");
    expect(csp?.replace(' blob:', '')).not.toMatch(/unsafe|data:|blob:|\*|http/);
    expect(csp).toContain("require-trusted-types-for 'script'");
  });

  it.each(['main.tsx', 'page.css'])(
    '[WEB3] whose %s is broken fails with a line, and can be mended',
    async (name) => {
      const good = await readFile(join(folder, name), 'utf8');
      await write(name, name.endsWith('css') ? '@import "./gone.css";' : 'const = 1;');
      const broken = pages();
      await broken.warm();
      expect(lines).toMatchObject([['error', expect.stringContaining('/small'), expect.any(String)]]);
      expect(await broken.find('/small')).toBe('failed');
      await write(name, good);
      expect((await scriptOf(broken)).bytes.toString()).toContain('first');
    },
  );
});

describe('the page in the file of a recording', () => {
  beforeEach(async () => {
    await mkdir(join(folder, 'inspect/recording'), { recursive: true });
    await mkdir(join(folder, 'inspect/chart'), { recursive: true });
    await write('inspect/recording/main.tsx', `import('../later.ts').then((it) => it.later());`);
    await write('inspect/later.ts', `export const later = () => { document.title = 'loaded later'; };`);
    await write('inspect/inspect.css', 'a { color: red; }');
    await write('inspect/chart/layout-worker.ts', `self.postMessage('</script> of the worker');`);
  });

  it('[WEB1] [VIS11] is one script, built when it is asked for and again when a source has changed', async () => {
    const built = pages();
    await built.warm();
    expect(await readdir(cacheFolder())).toEqual(['small.json']);
    const template = await built.recording();
    if (template === 'failed') throw new Error('it was not built');
    const { before } = template;
    expect(before).toContain('loaded later');
    expect(before).not.toMatch(/import\(|from"/);
    expect(before.match(/<\/script>/g)).toHaveLength(2);
    expect(before).toContain('a{color:red}');
    expect(before).toContain('of the worker');
    expect((await readdir(cacheFolder())).sort()).toEqual(['recording.json', 'small.json']);
    expect(await pages().recording()).toEqual(template);
    await write('inspect/later.ts', `export const later = () => { document.title = 'changed'; };`);
    expect(await pages().recording()).toMatchObject({ before: expect.stringContaining('changed') });
    expect(lines).toEqual([]);
  });

  it('[WEB3] fails with a line when it cannot be built, and can be mended', async () => {
    await write('inspect/later.ts', 'const = 1;');
    const broken = pages();
    expect(await broken.recording()).toBe('failed');
    expect(lines).toMatchObject([['error', expect.stringContaining('of recordings'), expect.any(String)]]);
    await write('inspect/later.ts', 'export const later = () => {};');
    expect(await broken.recording()).toMatchObject({ after: expect.stringContaining('</html>') });
  });
});

describe('the frame of a diagram', () => {
  const address = '/web/diagram.html';

  beforeEach(async () => {
    await mkdir(join(folder, 'diagram/frame'), { recursive: true });
    await write('diagram/frame/main.ts', `document.title = '</script>';`);
    await write('diagram/frame/frame.css', 'a { color: red; }');
  });

  it('[WEB2] is built when it is asked for, with a policy of its own that allows its scripts by their contents', async () => {
    const built = pages();
    await built.warm();
    expect(await readdir(cacheFolder())).toEqual(['small.json']);
    const { bytes, csp = '' } = await found(built, address);
    expect((await readdir(cacheFolder())).sort()).toEqual(['diagram.json', 'small.json']);
    const html = bytes.toString();
    const scripts = [...html.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, text = '']) => text);
    expect(scripts.map((text) => text.length > 1_000_000)).toEqual([true, false]);
    const hashes = scripts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    expect(Object.fromEntries(csp.split('; ').map((one) => one.split(/ (.*)/)))).toEqual({
      'default-src': "'none'",
      'script-src': hashes.join(' '),
      'style-src': "'unsafe-inline'",
      'connect-src': "'none'",
      'img-src': 'data:',
      'font-src': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'self'",
      sandbox: 'allow-scripts',
    });
    // From the cache it is the same.
    expect(await found(pages(), address)).toEqual(await found(built, address));
    expect(lines).toEqual([]);
  });

  it('[WEB2] is allowed in the page that has diagrams, and no page may be framed', () => {
    const files = { script: 'a.js', style: 'a.css', worker: 'w.js' };
    const policies = pageSources.map((page) => [page.name, pageCsp(page, files)] as const);
    for (const [name, policy] of policies) {
      expect([name, policy.includes("frame-src 'self';")]).toEqual([name, name === 'chat']);
      expect(policy).toContain("frame-ancestors 'none';");
    }
    const [chat, inspect] = policies.map(([, policy]) => policy);
    expect(chat?.replace("frame-src 'self'; ", '')).toBe(inspect);
  });

  it('[WEB3] fails with a line when it cannot be built, and can be mended', async () => {
    await write('diagram/frame/main.ts', 'const = 1;');
    const broken = pages();
    expect(await broken.find(address)).toBe('failed');
    expect(lines).toMatchObject([['error', expect.stringContaining('of diagrams'), expect.any(String)]]);
    await write('diagram/frame/main.ts', 'document.title = "mended";');
    expect((await found(broken, address)).bytes.toString()).toContain('mended');
  });
});

describe('the answer', () => {
  const none = { acceptEncoding: '', ifNoneMatch: '' };

  it('[WEB1] is compressed as the browser takes it', async () => {
    const file = await scriptOf(pages());
    const text = file.bytes.toString();
    const encoded = (acceptEncoding: string) => {
      const { headers = [], body } = webAnswer(file, { ...none, acceptEncoding });
      const bytes = body !== undefined && 'bytes' in body ? body.bytes : Buffer.of();
      return [new Map(headers).get('Content-Encoding'), bytes] as const;
    };
    const read = { br: brotliDecompressSync, gzip: gunzipSync };
    for (const [accept, expected] of [
      ['gzip, deflate, br', 'br'],
      ['GZIP;q=0.5', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
    ] as const) {
      const [encoding, bytes] = encoded(accept);
      expect([accept, encoding]).toEqual([accept, expected]);
      expect(read[expected](bytes).toString()).toBe(text);
    }
    for (const accept of ['', 'deflate', 'br; q = 0']) {
      expect(encoded(accept)).toEqual([undefined, file.bytes]);
    }
  });

  it('[WEB1] says that nothing has changed, and how long a file may be kept', async () => {
    const built = pages();
    const [page, script] = [await found(built, '/small'), await scriptOf(built)];
    for (const ifNoneMatch of [page.etag, `"x", W/${page.etag}`]) {
      const { status, headers, body } = webAnswer(page, { ...none, ifNoneMatch });
      expect([status, body]).toEqual([304, undefined]);
      expect(headers).toContainEqual(['ETag', page.etag]);
    }
    expect(webAnswer(page, { ...none, ifNoneMatch: script.etag })).toMatchObject({
      status: 200,
      body: { cacheControl: 'no-cache' },
    });
    expect(webAnswer(script, none)).toMatchObject({
      body: { cacheControl: 'public, max-age=31536000, immutable' },
    });
    expect(webAnswer(script, none).headers).toContainEqual(['Vary', 'Accept-Encoding']);
  });
});
