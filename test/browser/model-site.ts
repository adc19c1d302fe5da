/** A server whose models are those of a scripted provider, and a browser. */
import { afterAll } from 'vitest';
import {
  type ProviderRequest,
  type ScriptedAnswer,
  type ScriptedProvider,
  startProvider,
} from '../fakes/providers/scripted-provider.ts';
import { type Site, site, withConfig } from './site.ts';

export type ModelSite = Pick<Site, 'url' | 'browser' | 'open'> & { readonly provider: ScriptedProvider };

/**
 * Started before the tests of the `describe` that calls this, stopped after them. The provider has the models
 * `local/small`, which is the default, and `local/large`. `env`: settings of the server.
 */
export function modelSite(
  answer: (request: ProviderRequest, index: number) => ScriptedAnswer,
  env: Readonly<Record<string, string>> = {},
): ModelSite {
  let provider: ScriptedProvider;

  async function prepare(folder: string): Promise<void> {
    provider = await startProvider(answer);
    const models = ['small', 'large'];
    const local = { type: 'openai-compatible', label: 'Local', baseUrl: `${provider.url}/v1`, models };
    const config = {
      defaultModel: 'local/small',
      providers: { local: { ...local, accepts: ['image'] } },
    };
    await withConfig(config)(folder);
  }

  // Hooks that run after the tests run from the last one to the first: the server stops before its provider.
  afterAll(() => provider?.stop());
  const pages = site({ prepare, env });

  return {
    get url() {
      return pages.url;
    },
    get browser() {
      return pages.browser;
    },
    get open() {
      return pages.open;
    },
    get provider() {
      return provider;
    },
  };
}
