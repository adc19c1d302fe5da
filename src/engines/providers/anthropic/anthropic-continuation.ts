/** What Anthropic wants back with a step: its thinking, signed or encrypted, where it stood between text and calls. */
import { z } from 'zod';
import type { JsonValue } from '../../../../schema/json-value.ts';

const place = {
  /** Text before it, UTF-16 units. */
  textUnits: z.int().nonnegative(),
  /** Calls before it. */
  calls: z.int().nonnegative(),
};
const thinkingBlockSchema = z.object({
  ...place,
  block: z.union([
    z.object({ type: z.literal('thinking'), thinking: z.string(), signature: z.string().min(1) }),
    z.object({ type: z.literal('redacted_thinking'), data: z.string() }),
  ]),
});
const continuationSchema = z.object({ thinking: z.array(thinkingBlockSchema) });
export type ThinkingBlock = z.output<typeof thinkingBlockSchema>;

/** Empty for a continuation of another kind, or none. */
export function thinkingOf(continuation: JsonValue | undefined): readonly ThinkingBlock[] {
  const parsed = continuationSchema.safeParse(continuation);
  return parsed.success ? parsed.data.thinking : [];
}

/** `undefined`: nothing is wanted back. */
export function thinkingContinuation(thinking: readonly ThinkingBlock[]): JsonValue | undefined {
  return thinking.length === 0 ? undefined : { thinking: [...thinking] };
}
