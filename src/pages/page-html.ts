/** The HTML document of a page, and its content policy. */
import type { PageSource } from './page-sources.ts';

export type PageFiles = {
  /** Addresses relative to the page's address. */
  readonly script: string;
  readonly style: string;
  readonly worker: string | undefined;
};

/**
 * Allows the page its own script, style and server, and nothing else. No text can become code or markup: inline
 * scripts and styles, `eval`, and inserting HTML into the page (`require-trusted-types-for`) are all forbidden.
 */
export function pageCsp({ hasDiagrams }: PageSource, { worker }: PageFiles): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    // Pictures of messages are fetched with the credential, and shown from memory.
    "img-src 'self' blob:",
    ...(worker === undefined ? [] : ["worker-src 'self'"]),
    // Each has a policy of its own, and an origin of its own.
    ...(hasDiagrams === true ? ["frame-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    // A worker's address counts as script, so it must pass a policy of this name.
    worker === undefined ? "trusted-types 'none'" : 'trusted-types callboard',
  ].join('; ');
}

/** `theme` colours the first frame; the page then follows the runtime config. */
export function pageHtml({ title }: PageSource, { script, style, worker }: PageFiles): string {
  const data = worker === undefined ? '' : ` data-worker="${worker}"`;
  return `<!doctype html>
<html lang="en"${data}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="web/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body>
<noscript>This page is an application: it needs JavaScript. The REST routes are described at <a href="openapi">/openapi</a>.</noscript>
</body>
</html>
`;
}

/** A board with a call on it. It is drawn here so that no page needs a request to another server. */
export const iconSvg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#5b5bd6"/>
<path d="M9 10.5h14M9 16h9M9 21.5h5" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>
<circle cx="22.5" cy="21" r="3" fill="#7ef0c5"/>
</svg>
`;
