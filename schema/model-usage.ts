/** The tokens that a model call used, and why it ended. */
import { z } from 'zod';
import { limits } from './limits.ts';

const tokens = z.int().nonnegative().max(limits.usageTokensMax);

/** In tokens; a provider that does not report a number leaves it out. */
export const modelUsageSchema = z
  .object({
    inputTokens: tokens.exactOptional(),
    outputTokens: tokens.exactOptional(),
    /** Part of `outputTokens`. */
    reasoningTokens: tokens.exactOptional(),
    /** Part of `inputTokens`. */
    cachedInputTokens: tokens.exactOptional(),
  })
  .meta({ id: 'ModelUsage' });
export type ModelUsage = z.output<typeof modelUsageSchema>;

export const finishReasons = ['stop', 'length', 'content-filter', 'tool-calls', 'other'] as const;
/** `length`: it was cut off at the output limit. `content-filter`: the provider filtered or refused it. */
export type FinishReason = (typeof finishReasons)[number];

/** Reasons for which an answer is not what the model would have said: told with the message. */
export const earlyFinishReasons = ['length', 'content-filter'] as const;
export type EarlyFinishReason = (typeof earlyFinishReasons)[number];

export function earlyFinishReason(reason: FinishReason | undefined): EarlyFinishReason | undefined {
  return earlyFinishReasons.find((early) => early === reason);
}

/** What the model and the trace are told of a model call that ended by `length`. */
export const cutOffWords = 'cut off at the output limit';

export const noUsage: ModelUsage = {};

export function addedUsage(one: ModelUsage, other: ModelUsage): ModelUsage {
  const sums = new Map<string, number>();
  for (const [name, count] of [...Object.entries(one), ...Object.entries(other)]) {
    sums.set(name, Math.min(limits.usageTokensMax, (sums.get(name) ?? 0) + count));
  }
  return modelUsageSchema.parse(Object.fromEntries(sums));
}

/** Input and output together: what a turn's bound counts. */
export function totalTokens(usage: ModelUsage): number {
  return (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0);
}

/** What an answer has cost, without what is not known. */
export function costOf({
  model,
  usage,
}: {
  readonly model?: string | undefined;
  readonly usage?: ModelUsage | undefined;
}): { readonly model?: string; readonly usage?: ModelUsage } {
  return {
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined || Object.keys(usage).length === 0 ? {} : { usage }),
  };
}
