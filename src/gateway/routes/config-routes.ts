/** The routes of the runtime config. */
import { z } from 'zod';
import { commandIdSchema } from '../../../schema/ids.ts';
import { accepted } from '../../../schema/refusal.ts';
import {
  configChangeSchema,
  flagNameSchema,
  runtimeConfigSchema,
  setFlagSchema,
  updateRuntimeConfigSchema,
} from '../../../schema/runtime-config.ts';
import { pageLimit } from '../http/page-limit.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { described } from './described-command.ts';

const shared = { ...takesNothing, tag: 'config' } as const;

const wholeConfig = {
  response: { status: 200, description: 'The whole config.', schema: runtimeConfigSchema },
} as const;

export const configRoutes: readonly Route[] = [
  route({
    ...shared,
    method: 'GET',
    path: '/config',
    summary: 'Reads the runtime config.',
    ...wholeConfig,
    answer: ({ door }) => accepted(door.runtimeConfig()),
  }),
  route({
    ...described('config.update'),
    ...shared,
    body: updateRuntimeConfigSchema,
    ...wholeConfig,
    refusals: [409],
    answer: ({ door }, { body, principal, named }) => door.updateConfig(body, principal.id, named),
  }),
  route({
    ...described('config.flag.set'),
    ...shared,
    name: flagNameSchema,
    body: setFlagSchema,
    ...wholeConfig,
    refusals: [409],
    answer: ({ door }, { name, body, principal, named }) =>
      door.setFlag({ name, ...body }, principal.id, named),
  }),
  route({
    ...described('config.reset'),
    ...shared,
    ...wholeConfig,
    refusals: [409],
    answer: ({ door }, { principal, named }) => door.resetConfig(principal.id, named),
  }),
  route({
    ...shared,
    method: 'GET',
    path: '/config/history',
    scope: 'config',
    summary: 'Lists who changed what in the runtime config, newest first.',
    query: z.object({ limit: pageLimit, before: commandIdSchema.optional() }),
    response: { status: 200, description: 'Changes.', schema: z.array(configChangeSchema) },
    answer: async ({ readModel }, { query }) => accepted(await readModel.configHistory(query)),
  }),
];
