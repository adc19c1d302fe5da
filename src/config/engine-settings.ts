/** The parts of the config file that define models and tools. They have no flag and no environment variable. */
import { z } from 'zod';
import { acceptedKinds } from '../../schema/attachment.ts';
import { limits } from '../../schema/limits.ts';
import { modelOptionsSchema } from '../../schema/model-options.ts';
import { scopeSchema } from '../../schema/principal.ts';
import { providerAdapters } from '../../schema/provider-catalog.ts';
import { clientModelsSchema, clientOptionsSchema } from './client-settings.ts';
import { jwtSettingsSchema } from './jwt-settings.ts';

/** Letters, digits, `-` and `_`, because the name becomes part of a model's or a tool's name. */
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/);
const variableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
const text = z.string().min(1).max(limits.urlCharactersMax);
const url = z
  .string()
  .max(limits.urlCharactersMax)
  .refine((given) => URL.canParse(given) && /^https?:$/.test(new URL(given).protocol), 'must be an http URL');
const texts = z.record(z.string().min(1).max(256), z.string().max(limits.urlCharactersMax));
const milliseconds = (max: number) => z.int().min(1).max(max);

/** The formats that we read ourselves, unless the settings ask for the SDK. */
export const leanTypes = ['openai', 'anthropic', 'openai-compatible'] as const;
export type LeanType = (typeof leanTypes)[number];
export const providerTypes = [...leanTypes, 'openai-responses', 'google'] as const;
export type ProviderType = (typeof providerTypes)[number];

export function isLeanType(type: ProviderType): type is LeanType {
  return leanTypes.some((lean) => lean === type);
}

/** Which files a model takes beside texts, which all take. */
const accepts = z.array(z.enum(acceptedKinds)).max(acceptedKinds.length).optional();

const providerModel = z.union([
  text.transform((id) => ({ id, label: undefined, accepts: undefined })),
  z
    .strictObject({ id: text, label: text.optional(), accepts })
    .transform((given) => ({ id: given.id, label: given.label, accepts: given.accepts })),
]);

/** One provider of models. Its key is taken from `apiKey`, else from the environment variable `apiKeyVariable`. */
const provider = z
  .strictObject({
    type: z.enum(providerTypes),
    /** `lean`: our own, made for odd providers; the default where there is one. `sdk`: the AI SDK's. */
    adapter: z.enum(providerAdapters).optional(),
    label: text.optional(),
    /** Default: the provider's public address. Required for `openai-compatible`. */
    baseUrl: url.optional(),
    apiKey: text.optional(),
    /** Default: `read-engine-settings.ts` has them; none for `openai-compatible`, which may need no key. */
    apiKeyVariable: variableName.optional(),
    headers: texts.default({}),
    /** The models that the catalogue lists; a session may ask for other models of the provider too. */
    models: z.array(providerModel).max(limits.providerModelsMax).default([]),
    /** For models that do not say it themselves. Default: what the providers of this type take as a rule. */
    accepts,
  })
  .refine((given) => given.type !== 'openai-compatible' || given.baseUrl !== undefined, {
    path: ['baseUrl'],
    message: 'is needed for openai-compatible',
  })
  .refine((given) => given.type !== 'anthropic' || !takesAudio(given), {
    path: ['accepts'],
    message: 'cannot have audio for anthropic, whose format does not carry it',
  })
  .refine((given) => given.adapter !== 'lean' || isLeanType(given.type), {
    path: ['adapter'],
    message: `can be lean for ${leanTypes.join(', ')} alone`,
  })
  .transform((given) => ({
    ...given,
    adapter: given.adapter ?? (isLeanType(given.type) ? ('lean' as const) : ('sdk' as const)),
  }));

function takesAudio(given: {
  readonly accepts?: readonly string[] | undefined;
  readonly models: readonly { readonly accepts?: readonly string[] | undefined }[];
}): boolean {
  return [given, ...given.models].some((one) => one.accepts?.includes('audio'));
}

export const providersSchema = z
  .record(
    name.refine((given) => given !== 'rehearsal', 'rehearsal is built in'),
    provider,
  )
  .default({});
export type ProviderSettings = z.output<typeof provider>;

/**
 * When a tool server's calls need a person's approval: always, unless a `trusted` server's `readOnlyHint` says read-only,
 * or never.
 */
export const serverApprovals = ['always', 'unlessReadOnly', 'never'] as const;

const anyServer = {
  disabled: z.boolean().default(false),
  approval: z.enum(serverApprovals).default('unlessReadOnly'),
  /** Whether its word is taken for which of its tools only read. */
  trusted: z.boolean().default(false),
  /** How long one call may take, ms. */
  timeoutMs: milliseconds(limits.toolTimeoutMsMax).default(limits.toolTimeoutMs),
};
const stdioServer = z.strictObject({
  type: z.literal('stdio').default('stdio'),
  command: text,
  args: z.array(z.string().max(limits.urlCharactersMax)).max(256).default([]),
  env: texts.default({}),
  cwd: text.optional(),
  ...anyServer,
});
const httpServer = z.strictObject({
  type: z
    .enum(['http', 'streamable-http'])
    .default('http')
    .transform(() => 'http' as const),
  url,
  headers: texts.default({}),
  ...anyServer,
});
/** In the format that other MCP clients use, with three additional keys: `approval`, `trusted` and `timeoutMs`. */
export const mcpServersSchema = z.record(name, z.union([stdioServer, httpServer])).default({});
export type McpServerSettings = z.output<typeof mcpServersSchema>[string];

/** The rules for one tool or, with a name that ends in `*`, for all tools whose names begin with the rest. */
const tool = z.strictObject({
  enabled: z.boolean().optional(),
  /** What a principal needs for it: the turns of others are not offered it, and cannot run it. */
  scope: scopeSchema.optional(),
  approval: z.enum(['always', 'never']).optional(),
  /** How long a call waits for a person's approval, ms; absent: without limit. */
  approvalTimeoutMs: milliseconds(limits.approvalTimeoutMsMax).optional(),
  timeoutMs: milliseconds(limits.toolTimeoutMsMax).optional(),
});
export const toolsSchema = z.record(z.string().regex(/^[A-Za-z0-9_.-]{0,128}\*?$/), tool).default({});
export type ToolSettings = z.output<typeof tool>;

/** Settings that only the config file can hold, because their shapes do not fit a variable or a flag. */
export const engineSettingsSchema = z.strictObject({
  providers: providersSchema,
  /** The options of every model call, unless a session or a message sets its own. */
  modelOptions: modelOptionsSchema.strict().omit({ model: true, engine: true, agent: true }).default({}),
  tools: toolsSchema,
  mcpServers: mcpServersSchema,
  jwt: jwtSettingsSchema.optional(),
  clientModels: clientModelsSchema,
  clientOptions: clientOptionsSchema,
});
export type EngineSettings = z.output<typeof engineSettingsSchema>;
export type EngineSettingKey = keyof EngineSettings;

export type EngineSettingWords = {
  readonly description: string;
  readonly reload: 'live' | 'restart';
  /** The parts that a page may change, `*` for any name; all else is of the file alone: it starts programs, decides where keys are sent, or lets tools run. */
  readonly page: readonly (readonly string[])[];
  /** The parts that may be shown, `**` for all below; any other text in them may hold a secret. */
  readonly shown: readonly (readonly string[])[];
};

const providerFacts = ['type', 'adapter', 'label', 'apiKeyVariable', 'accepts', 'models'];
/** Everything but the keys, which may be secrets. */
const jwtFacts = [
  ['issuer'],
  ['audience', '**'],
  ['jwksUrl'],
  ['clockToleranceSeconds'],
  ['claims', '*'],
  ['algorithms', '*'],
  ['tenant'],
  ['scopePrefix'],
  ['scopesDefault', '*'],
  ['scopesMax', '*'],
];
const serverFacts = ['type', 'command', 'cwd', 'disabled', 'approval', 'trusted', 'timeoutMs'];

/** What settings.ts says of flat settings, of each of these. */
export const engineSettingWords: Readonly<Record<EngineSettingKey, EngineSettingWords>> = {
  providers: {
    description: 'Providers of models, by name.',
    reload: 'live',
    page: ['label', 'models', 'accepts'].map((part) => ['*', part, '**']),
    shown: providerFacts.map((part) => ['*', part, '**']),
  },
  modelOptions: {
    description: 'The options of every model call, unless a session or a message sets its own.',
    reload: 'live',
    page: [['**']],
    shown: Object.keys(modelOptionsSchema.shape).map((option) => [option]),
  },
  tools: {
    description: 'Rules for single tools, or for those whose names begin alike.',
    reload: 'live',
    page: [['*', 'timeoutMs']],
    shown: Object.keys(tool.shape).map((rule) => ['*', rule]),
  },
  mcpServers: {
    description: 'Tool servers, by name.',
    reload: 'live',
    page: [],
    shown: serverFacts.map((part) => ['*', part]),
  },
  jwt: {
    description: 'Whose JSON Web Tokens requests may carry.',
    reload: 'restart',
    page: [],
    shown: jwtFacts,
  },
  clientModels: {
    description: 'The models that clients may choose, for everybody or by scope; without it all.',
    reload: 'live',
    page: [],
    shown: [['**']],
  },
  clientOptions: {
    description: 'What clients may do with each option of answers: `allow`, `deny`, or bounds of a number.',
    reload: 'live',
    page: [],
    shown: [['**']],
  },
};
export const engineSettingKeys: readonly string[] = Object.keys(engineSettingsSchema.shape);
