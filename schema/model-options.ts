/**
 * Options of answers: who gives them, which model, and its settings. The server's config, a session and a message may set them;
 * for each key, the message overrides the session, and the session the config. Baseline clients neither send nor see
 * options.
 */
import { z } from 'zod';
import { limits } from './limits.ts';
import { agentNameSchema } from './turn-offer.ts';
import { boundedText } from './validation.ts';

export const reasoningEfforts = ['none', 'low', 'medium', 'high'] as const;

/** `<provider>/<model>`; the model's own name may hold more slashes. */
const model = boundedText({ charactersMin: 1, charactersMax: limits.modelNameCharactersMax }).describe(
  '`<provider>/<model>`, such as `openai/gpt-5-mini`; `rehearsal` is the built-in engine',
);

/** Who answers instead of an engine of the server. */
export const outsideEngine = 'external';

const parts = {
  engine: z
    .literal(outsideEngine)
    .describe('An outside agent answers: it claims the turn and pushes its answer ([OFR3]).'),
  agent: agentNameSchema.describe('With `engine`: the outside agent that is asked; absent: any.'),
  model,
  systemPrompt: boundedText({ charactersMax: limits.systemPromptCharactersMax }),
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  /** Tokens of one model call's answer. */
  maxOutputTokens: z.int().min(1).max(limits.outputTokensMax),
  reasoningEffort: z.enum(reasoningEfforts),
  /** Tokens of the conversation that the model is given; older messages are left out (docs/tools.md). */
  contextTokensMax: z.int().min(limits.contextTokensMin).max(limits.contextTokensMax),
} as const;

/** Data of a session's and a turn's `options`, and the config's `modelOptions`. */
export const modelOptionsSchema = z
  .object({
    engine: parts.engine.exactOptional(),
    agent: parts.agent.exactOptional(),
    model: parts.model.exactOptional(),
    systemPrompt: parts.systemPrompt.exactOptional(),
    temperature: parts.temperature.exactOptional(),
    topP: parts.topP.exactOptional(),
    maxOutputTokens: parts.maxOutputTokens.exactOptional(),
    reasoningEffort: parts.reasoningEffort.exactOptional(),
    contextTokensMax: parts.contextTokensMax.exactOptional(),
  })
  .meta({ id: 'ModelOptions' });
export type ModelOptions = z.output<typeof modelOptionsSchema>;

/** A patch of the options: `null` clears a key, an absent key keeps its value. */
export const updateModelOptionsSchema = z
  .object({
    engine: parts.engine.nullable().optional(),
    agent: parts.agent.nullable().optional(),
    model: parts.model.nullable().optional(),
    systemPrompt: parts.systemPrompt.nullable().optional(),
    temperature: parts.temperature.nullable().optional(),
    topP: parts.topP.nullable().optional(),
    maxOutputTokens: parts.maxOutputTokens.nullable().optional(),
    reasoningEffort: parts.reasoningEffort.nullable().optional(),
    contextTokensMax: parts.contextTokensMax.nullable().optional(),
  })
  .meta({ id: 'UpdateModelOptions' });
export type UpdateModelOptions = z.output<typeof updateModelOptionsSchema>;

/** Keys of `over` override those of `under`. */
export function mergedModelOptions(under: ModelOptions, over: ModelOptions): ModelOptions {
  return { ...under, ...over };
}

/** `undefined` when no options are left, so that a session without options never shows the key. */
export function patchedModelOptions(
  options: ModelOptions | undefined,
  patch: UpdateModelOptions | null,
): ModelOptions | undefined {
  if (patch === null) return undefined;
  const kept = Object.entries({ ...options, ...patch }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return kept.length === 0 ? undefined : modelOptionsSchema.parse(Object.fromEntries(kept));
}
