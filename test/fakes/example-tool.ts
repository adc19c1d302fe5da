/** A registered tool, and the body that registers it. */
import type { RegisteredTool, RegisterTool } from '../../schema/registered-tool.ts';

export const exampleDefinition: RegisterTool = {
  name: 'weather',
  description: 'Tells the weather in a city.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  url: 'https://example.org/tools/weather',
  timeoutMs: 30_000,
  repeatable: false,
  requiresApproval: false,
};

export const exampleTool: RegisteredTool = {
  ...exampleDefinition,
  active: true,
  secretVersion: 1,
  secretSince: '2026-11-23T04:00:00.000Z',
  createdAt: '2026-11-23T04:00:00.000Z',
  updatedAt: '2026-11-23T04:00:00.000Z',
};
