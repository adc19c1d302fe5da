/** A config file that is only asked: notes what it is asked, and answers the same. */
import { accepted } from '../../../schema/refusal.ts';
import { configSchemaDocument } from '../../../src/config/editor/config-schema.ts';
import type { GatewayServices } from '../../../src/gateway/http/route.ts';

export function fakeConfigFile(
  calls: (readonly [name: string, ...given: unknown[]])[],
): GatewayServices['configFile'] {
  const consequences = { restartNeeded: [], overridden: [] };
  const edited = {
    path: '/etc/callboard.config.json',
    format: 'json' as const,
    content: '{}\n',
    input: {},
    config: { model: 'rehearsal', provider: { name: 'rehearsal' } },
    error: null,
    version: 'one',
    reloadNeeded: false,
    ...consequences,
  };
  return {
    schema: configSchemaDocument,
    read: () => edited,
    preview: (content, format) => {
      calls.push(['previewConfig', content, format]);
      return accepted({ input: {}, config: edited.config, changed: [], ...consequences });
    },
    save: async (given, owner) => {
      calls.push(['saveConfig', given, owner]);
      return accepted(edited);
    },
  };
}
