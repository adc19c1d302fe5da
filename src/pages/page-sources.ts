/** The server's pages, and the source files of each (under `src/web/`). */

export type BundleSource = {
  /** Also the name of its files. */
  readonly name: string;
  /** The module that starts the page. */
  readonly script: string;
  /** The style sheet, which may import others. */
  readonly style: string;
  /** A module for the page's worker, whose address is put into `data-worker` of the page's root element. */
  readonly worker?: string;
  /** Script and worker are one file each: what the script would load later is in it, too. */
  readonly isWhole?: true;
};

export type PageSource = BundleSource & {
  /** The path at which it is served. */
  readonly path: string;
  readonly title: string;
  /** It shows diagrams, in frames of their own. */
  readonly hasDiagrams?: true;
};

export const pageSources: readonly PageSource[] = [
  {
    name: 'chat',
    path: '/',
    title: 'Callboard',
    script: 'chat/main.tsx',
    style: 'chat/chat.css',
    worker: 'markdown/highlight-worker.ts',
    hasDiagrams: true,
  },
  {
    name: 'inspect',
    path: '/inspect',
    title: 'Callboard inspector',
    script: 'inspect/main.tsx',
    style: 'inspect/inspect.css',
    worker: 'inspect/chart/layout-worker.ts',
  },
];

/** The page in the file of a recording, which is built when the first one is asked for. */
export const recordingSource: BundleSource = {
  name: 'recording',
  script: 'inspect/recording/main.tsx',
  style: 'inspect/inspect.css',
  worker: 'inspect/chart/layout-worker.ts',
  isWhole: true,
};

/** The frame in which a diagram is drawn, which is built when the first one is shown. */
export const diagramSource: BundleSource = {
  name: 'diagram',
  script: 'diagram/frame/main.ts',
  style: 'diagram/frame/frame.css',
  isWhole: true,
};
