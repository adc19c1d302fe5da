/** The pages that the server shows, and what each is built from (under `src/web/`). */

export type PageSource = {
  /** Also how its files are called. */
  readonly name: string;
  /** Where it is served. */
  readonly path: string;
  readonly title: string;
  /** The module that starts it. */
  readonly script: string;
  /** A style sheet, with what it imports. */
  readonly style: string;
  /** A module for a worker of the page, whose address is then `data-worker` of the page's root element. */
  readonly worker?: string;
};

export const pageSources: readonly PageSource[] = [
  { name: 'chat', path: '/', title: 'Callboard', script: 'chat/main.tsx', style: 'chat/chat.css' },
  {
    name: 'inspect',
    path: '/inspect',
    title: 'Callboard inspector',
    script: 'inspect/main.tsx',
    style: 'inspect/inspect.css',
    worker: 'inspect/layout-worker.ts',
  },
];
