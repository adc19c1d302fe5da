/** Tools over REST: the list of all of them, and the commands about those that are registered (SPEC RTL). */
import { z } from 'zod';
import { limits } from '../../../schema/limits.ts';
import { accepted, refused, toolNotFound } from '../../../schema/refusal.ts';
import {
  catalogToolSchema,
  registeredToolSchema,
  registerToolSchema,
  toolNameSchema,
  toolWithSecretSchema,
  updateToolSchema,
} from '../../../schema/registered-tool.ts';
import { boundedText } from '../../../schema/validation.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { described } from './described-command.ts';

const listPage = z.object({
  limit: wholeNumber({ min: 1, max: limits.toolPageMax }).default(limits.toolPageMax),
  /** The last tool of the page before. */
  after: boundedText({ charactersMax: limits.toolNameUnitsMax }).optional(),
});

const ofTool = { ...takesNothing, tag: 'tools', name: toolNameSchema } as const;
const changed = { status: 200, description: 'The tool.', schema: registeredToolSchema } as const;

export const registeredToolRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/tools',
    tag: 'tools',
    summary:
      'Lists all tools in the order of their names: built-in ones, those of tool servers, and registered ones, ' +
      'deactivated ones included.',
    query: listPage,
    response: { status: 200, description: 'Tools.', schema: z.array(catalogToolSchema) },
    answer: ({ tools }, { query: { limit, after } }) => {
      const rest = tools().filter(({ name }) => after === undefined || name > after);
      const last = rest[limit - 1];
      // Two of one name stay on one page: the name is the cursor.
      return accepted(last === undefined ? rest : rest.filter(({ name }) => name <= last.name));
    },
  }),
  route({
    ...takesNothing,
    ...described('tool.register'),
    tag: 'tools',
    body: registerToolSchema,
    response: { status: 201, description: 'The tool, with its secret.', schema: toolWithSecretSchema },
    refusals: [409],
    answer: ({ door }, { body, named }) => door.registerTool(body, named),
  }),
  route({
    ...ofTool,
    method: 'GET',
    path: '/tools/:name',
    summary: 'Reads a tool.',
    response: { status: 200, description: 'The tool.', schema: catalogToolSchema },
    refusals: [404],
    answer: ({ tools }, { name }) => {
      const tool = tools().find((one) => one.name === name);
      return tool === undefined ? refused(toolNotFound(name)) : accepted(tool);
    },
  }),
  route({
    ...ofTool,
    ...described('tool.update'),
    body: updateToolSchema,
    response: changed,
    refusals: [404, 409],
    answer: ({ door }, { name, body, named }) => door.updateTool(name, body, named),
  }),
  route({
    ...ofTool,
    ...described('tool.deactivate'),
    response: changed,
    refusals: [404, 409],
    answer: ({ door }, { name, named }) => door.deactivateTool(name, named),
  }),
  route({
    ...ofTool,
    ...described('tool.activate'),
    response: changed,
    refusals: [404, 409],
    answer: ({ door }, { name, named }) => door.activateTool(name, named),
  }),
  route({
    ...ofTool,
    ...described('tool.rotate-secret'),
    response: { status: 200, description: 'The tool, with its new secret.', schema: toolWithSecretSchema },
    refusals: [404, 409],
    answer: ({ door }, { name, named }) => door.rotateToolSecret(name, named),
  }),
];
