/** Starts the worker of a page; its address stands in `data-worker` of the page's root element. */

type ScriptPolicy = { readonly createScriptURL: (url: string) => string };
type ScriptPolicyFactory = {
  readonly createPolicy: (
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ) => ScriptPolicy;
};

/** A page may make its only policy once. */
let policy: ScriptPolicy | undefined;

/** `undefined`: the page has no worker. */
export function startPageWorker(): Worker | undefined {
  const url = document.documentElement.dataset['worker'];
  return url === undefined ? undefined : new Worker(scriptUrl(url), { type: 'module' });
}

/** In browsers with Trusted Types, the address must pass the page's only script policy. */
export function scriptUrl(url: string): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: ScriptPolicyFactory };
  const address = new URL(url, document.baseURI);
  // What a page has made itself has a `blob:` address, which no other origin can use.
  if (address.protocol !== 'blob:' && address.origin !== location.origin) {
    throw new Error('a worker of another origin');
  }
  if (trustedTypes === undefined) return address.href;
  policy ??= trustedTypes.createPolicy('callboard', { createScriptURL: (given) => given });
  return policy.createScriptURL(address.href);
}
