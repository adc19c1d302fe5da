/** Leads to the page to sign in at, if the server names one. */
import { useEffect, useState } from 'preact/hooks';
import { signInAddress } from './sign-in-address.ts';

/** `undefined`: not known yet, or there is none. */
export function useSignInAddress(query: string): URL | undefined {
  const [url, setUrl] = useState<URL>();
  useEffect(() => {
    void namedByServer().then((named) => setUrl(signInAddress(named, location, query)));
  }, [query]);
  return url;
}

export function SignInLink({ url }: { readonly url: URL }) {
  return (
    <p class="sign-in">
      <a class="button primary" href={url.href}>
        Sign in at {url.host}
      </a>
    </p>
  );
}

/** The server answers whoever is not signed in, too. Without an answer there is no such page. */
async function namedByServer(): Promise<unknown> {
  try {
    const answer = await fetch(new URL('sign-in', new URL('.', location.href)), { cache: 'no-store' });
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null && 'url' in body ? body.url : undefined;
  } catch {
    return undefined;
  }
}
