/** A server whose models are those of a scripted provider, and a browser. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import {
  type ProviderRequest,
  type ScriptedAnswer,
  type ScriptedProvider,
  startProvider,
} from '../fakes/providers/scripted-provider.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { launchChromium } from './chromium.ts';

export type ModelSite = {
  readonly url: string;
  readonly browser: Browser;
  readonly provider: ScriptedProvider;
};

/**
 * Started before the tests of the `describe` that calls this, stopped after them. The provider has the models
 * `local/small`, which is the default, and `local/large`. `env`: settings of the server.
 */
export function modelSite(
  answer: (request: ProviderRequest, index: number) => ScriptedAnswer,
  env: Readonly<Record<string, string>> = {},
): ModelSite {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let provider: ScriptedProvider;
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    provider = await startProvider(answer);
    const models = ['small', 'large'];
    const local = { type: 'openai-compatible', label: 'Local', baseUrl: `${provider.url}/v1`, models };
    const config = {
      defaultModel: 'local/small',
      providers: { local: { ...local, accepts: ['image'] } },
    };
    await writeFile(join(folder.path, 'callboard.config.json'), JSON.stringify(config));
    [server, browser] = await Promise.all([startServer({ dataFolder: folder.path, env }), launchChromium()]);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await server?.end();
    await provider?.stop();
    await folder?.remove();
  });

  return {
    get url() {
      return server.url;
    },
    get browser() {
      return browser;
    },
    get provider() {
      return provider;
    },
  };
}
