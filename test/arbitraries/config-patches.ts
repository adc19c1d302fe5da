/** Patches of the runtime config, as the door passes them on after validation. */
import fc from 'fast-check';
import { limits } from '../../schema/limits.ts';
import { themes, type UpdateRuntimeConfig } from '../../schema/runtime-config.ts';

const feature = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('traces', 'logs', 'chat', 'constructor', 'toString') },
  { weight: 2, arbitrary: fc.nat(2 * limits.configFeaturesMax).map((number) => `feature-${number}`) },
);

export const configPatch: fc.Arbitrary<UpdateRuntimeConfig> = fc.record(
  {
    apiUrl: fc.constantFrom('', 'http://127.0.0.1:3000'),
    websocketUrl: fc.constantFrom('', 'ws://127.0.0.1:3000'),
    features: fc.oneof(
      { weight: 3, arbitrary: fc.dictionary(feature, fc.boolean(), { maxKeys: 4, noNullPrototype: true }) },
      {
        weight: 1,
        arbitrary: fc.dictionary(feature, fc.boolean(), { maxKeys: 80, size: 'max', noNullPrototype: true }),
      },
    ),
    theme: fc.constantFrom(...themes),
  },
  { requiredKeys: [] },
);
