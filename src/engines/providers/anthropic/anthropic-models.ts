/**
 * What Anthropic's models differ in, by the version in their name, as the public model overview tells: how much they
 * write, and how they are told to think.
 */
import type { ModelOptions } from '../../../../schema/model-options.ts';

/** `claude-opus-4-5-20251101` → 4.5, `claude-3-haiku` → 3, `claude-sonnet-5` → 5; `undefined` for other names. */
export function claudeVersion(model: string): number | undefined {
  const found = /claude-(?:[a-z]+-)?(\d+)(?:[-.](\d{1,2}))?(?![\d])/.exec(model);
  return found === null ? undefined : Number(`${found[1]}.${found[2] ?? 0}`);
}

/** The format asks for a limit; this is the most that every model of the version writes. */
export function outputTokensMax(model: string): number {
  const version = claudeVersion(model);
  if (version === undefined) return 8192;
  if (version < 3.5) return 4096;
  if (version < 4) return 8192;
  return version < 4.5 ? 32_000 : 64_000;
}

/** Newer models refuse settings of sampling. */
export function takesSampling(model: string): boolean {
  return (claudeVersion(model) ?? 0) < 4.7;
}

/** The fields of a request that say how much to think; `outputTokens` is what was asked for, or the model's most. */
export function thinkingFields(
  model: string,
  effort: ModelOptions['reasoningEffort'],
  outputTokens: number,
): { readonly thinking?: object; readonly output_config?: object } {
  const version = claudeVersion(model) ?? 0;
  if (effort === undefined || version < 3.7) return {};
  if (effort === 'none')
    return version < 5 ? { thinking: { type: 'disabled' } } : { output_config: { effort: 'low' } };
  if (version >= 4.6) return { thinking: { type: 'adaptive' }, output_config: { effort } };
  const budget = Math.min(thinkingTokens[effort], outputTokens - 1);
  // The least that the format takes.
  return budget < 1024 ? {} : { thinking: { type: 'enabled', budget_tokens: budget } };
}

const thinkingTokens = { low: 2048, medium: 8192, high: 24_000 } as const;
