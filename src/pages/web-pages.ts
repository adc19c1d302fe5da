/** The server's pages, built at their first use and then kept in memory. */
import { fileURLToPath } from 'node:url';
import type { Log } from '../../actors/ports.ts';
import { createBuildCache } from './build-cache.ts';
import { builtDiagramPage, diagramFile, diagramPath } from './diagram-page.ts';
import { type BuiltPage, builtPage } from './page-build.ts';
import { iconSvg, pageCsp, pageHtml } from './page-html.ts';
import {
  type BundleSource,
  diagramSource,
  type PageSource,
  pageSources,
  recordingSource,
} from './page-sources.ts';
import { type RecordingTemplate, recordingTemplate } from './recording-page.ts';
import { compressed, type WebFile, webFile } from './web-file.ts';

export type WebPages = {
  /**
   * The file at a path; `undefined` when there is none; `failed` when its page cannot be built: the log says why, and
   * the next call tries again.
   */
  readonly find: (pathname: string) => Promise<WebFile | 'failed' | undefined>;
  /** What is around the data of a recording; `failed`: as `find` says it. */
  readonly recording: () => Promise<RecordingTemplate | 'failed'>;
  /** Builds every page that is not built yet, or reads it from the cache. Never rejects. */
  readonly warm: () => Promise<void>;
};

export type WebPagesOptions = {
  /** Folders in which builds are cached, best first. */
  readonly cacheFolders: readonly string[];
  readonly log: Log;
  /** Default: the server's pages. */
  readonly sources?: readonly PageSource[];
  /** Default: `src/web/`. */
  readonly folder?: string;
};

const filesPath = 'web/';
const webFolder = fileURLToPath(new URL('../web/', import.meta.url));
/** Beside the package from which the copy of uWebSockets.js is made, so that it is deleted with the packages. */
export const packageCacheFolder = fileURLToPath(
  new URL('../../node_modules/.cache/callboard/pages', import.meta.url),
);

type Files = ReadonlyMap<string, WebFile>;

export function createWebPages(options: WebPagesOptions): WebPages {
  const { log, sources = pageSources, folder = webFolder } = options;
  const cache = createBuildCache(options.cacheFolders);
  /** By the page's name; a failed build is not kept. */
  const pages = new Map<string, Promise<Files | undefined>>();
  let icon: Promise<WebFile> | undefined;

  function pageFiles(source: PageSource): Promise<Files | undefined> {
    const known = pages.get(source.name);
    if (known !== undefined) return known;
    const made = built(source, source.path)
      .then((page) => filesOf(source, page))
      .catch((cause: unknown) => {
        logFailure(source.path, cause);
        pages.delete(source.name);
        return undefined;
      });
    pages.set(source.name, made);
    return made;
  }

  /** `name` is for the log. */
  async function built(source: BundleSource, name: string, build = builtPage): Promise<BuiltPage> {
    const cached = await cache.read(source.name);
    if (cached !== undefined) return cached;
    const page = await build(source, folder);
    if (!(await cache.write(source.name, page))) {
      log.warn(`the page ${name} is built at each start: no cache folder can be written`);
    }
    return page;
  }

  function logFailure(name: string, cause: unknown): void {
    log.error(`the page ${name} could not be built; the rest of the server is not affected`, {
      error: cause instanceof Error ? cause.message : String(cause),
    });
  }

  /** What is made of a build once it is asked for. */
  function onDemand<Made>(
    source: BundleSource,
    name: string,
    make: (page: BuiltPage) => Made,
    build = builtPage,
  ): () => Promise<Made | 'failed'> {
    let made: Promise<Made | 'failed'> | undefined;
    return () => {
      made ??= built(source, name, build)
        .then(make)
        .catch((cause: unknown) => {
          logFailure(name, cause);
          made = undefined;
          return 'failed' as const;
        });
      return made;
    };
  }

  const diagram = onDemand(diagramSource, 'of diagrams', diagramFile, builtDiagramPage);

  return {
    async find(pathname) {
      if (pathname === `/${filesPath}icon.svg`) {
        icon ??= compressed(iconSvg).then((content) =>
          webFile(content, { path: pathname, type: 'image/svg+xml', isImmutable: false }),
        );
        return icon;
      }
      if (pathname === diagramPath) return diagram();
      const source = sources.find(({ path }) => path === pathname);
      if (source !== undefined) return (await pageFiles(source))?.get(pathname) ?? 'failed';
      if (!pathname.startsWith(`/${filesPath}`)) return undefined;
      for (const one of sources) {
        const file = (await pageFiles(one))?.get(pathname);
        if (file !== undefined) return file;
      }
      return undefined;
    },
    recording: onDemand(recordingSource, 'of recordings', recordingTemplate),
    async warm() {
      await Promise.all(sources.map(pageFiles));
    },
  };
}

async function filesOf(source: PageSource, page: BuiltPage): Promise<Files> {
  const { script, style, worker } = page;
  const addresses = {
    script: filesPath + script,
    style: filesPath + style,
    worker: worker === undefined ? undefined : filesPath + worker,
  };
  const files = [
    webFile(await compressed(pageHtml(source, addresses)), {
      path: source.path,
      type: 'text/html; charset=utf-8',
      csp: pageCsp(source, addresses),
      isImmutable: false,
    }),
    ...page.files.map(({ name, ...content }) =>
      webFile(content, {
        path: `/${filesPath}${name}`,
        type: name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
        isImmutable: true,
      }),
    ),
  ];
  return new Map(files.map((file) => [file.path, file]));
}
