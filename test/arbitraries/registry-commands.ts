/** Commands about registered tools, over few names, so that they meet. */
import fc from 'fast-check';
import type { JsonSchemaObject } from '../../schema/json-value.ts';
import type { RegisterTool, ToolRegistryCommand, UpdateTool } from '../../schema/registered-tool.ts';

const name = fc.constantFrom('__proto__', 'a', 'b', 'B', 'constructor');

const definition = {
  description: fc.constantFrom('One', 'Another'),
  inputSchema: fc.constantFrom<JsonSchemaObject>({ type: 'object' }, { type: 'object', required: ['city'] }),
  url: fc.constantFrom('https://example.org/one', 'https://example.org/two'),
  timeoutMs: fc.integer({ min: 1, max: 60_000 }),
  repeatable: fc.boolean(),
  requiresApproval: fc.boolean(),
};

export const toolPatch: fc.Arbitrary<UpdateTool> = fc.record(definition, { requiredKeys: [] });

const register: fc.Arbitrary<RegisterTool> = fc.record({ name, ...definition });

export const registryCommand: fc.Arbitrary<ToolRegistryCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('tool.register' as const),
      definition: register,
      heldBy: fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, fc.constant('a built-in tool')),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('tool.update' as const), name, patch: toolPatch }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'tool.activate' as const,
        'tool.deactivate' as const,
        'tool.rotate-secret' as const,
      ),
      name,
    }),
  },
);
