/** The config editor over REST (docs/protocol.md A6; SPEC EDT). */
import {
  configPreviewSchema,
  configSchemaDocumentSchema,
  editedConfigSchema,
  previewConfigSchema,
  saveConfigSchema,
} from '../../../schema/config-editor.ts';
import { limits } from '../../../schema/limits.ts';
import { accepted } from '../../../schema/refusal.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { described } from './described-command.ts';

/** Who may save the file may read it, and nobody else: also what is no secret tells how the server is set up. */
const forAdmins = { scope: 'admin', sameOrigin: true } as const;
const takes = { form: 'json', bytesMax: () => limits.configEditorBodyBytesMax } as const;

export const configEditorRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/config/schema',
    tag: 'config',
    summary: 'The JSON Schemas of the config file and of the config in force.',
    response: { status: 200, description: 'Both schemas.', schema: configSchemaDocumentSchema },
    answer: ({ configFile }) => accepted(configFile.schema()),
  }),
  route({
    ...takesNothing,
    ...forAdmins,
    method: 'GET',
    path: '/config/editor',
    tag: 'config',
    summary: 'The config file as text and as values, secrets masked, and what is in force.',
    response: { status: 200, description: 'The file.', schema: editedConfigSchema },
    answer: ({ configFile }) => accepted(configFile.read()),
  }),
  route({
    ...takesNothing,
    ...forAdmins,
    method: 'POST',
    path: '/config/editor/preview',
    tag: 'config',
    summary: 'What a text would make of the config, or why it may not be saved. Changes nothing.',
    takes,
    body: previewConfigSchema,
    response: { status: 201, description: 'What would be in force.', schema: configPreviewSchema },
    refusals: [409],
    answer: ({ configFile }, { body }) => configFile.preview(body.content, body.format),
  }),
  route({
    ...takesNothing,
    ...described('config-file.update'),
    tag: 'config',
    takes,
    body: saveConfigSchema,
    response: { status: 200, description: 'The file as it is now.', schema: editedConfigSchema },
    refusals: [409],
    answer: ({ configFile }, { body, principal }) => configFile.save(body, principal.id),
  }),
];
