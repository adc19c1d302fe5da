/**
 * Signed reasoning: some providers want the reasoning before a tool call back, with their signature, when they are
 * given its result. It travels as the `continuation` of a step.
 */
import type { ProviderMetadata } from 'ai';
import { z } from 'zod';
import type { JsonValue } from '../../../schema/json-value.ts';

const metadataSchema = z.record(z.string(), z.record(z.string(), z.json()));
const reasoningPartSchema = z.object({ text: z.string(), providerOptions: metadataSchema });
const continuationSchema = z.object({ reasoning: z.array(reasoningPartSchema) });

export type ReasoningPart = z.output<typeof reasoningPartSchema>;

/** Empty for a continuation of another engine, or none. */
export function reasoningOf(continuation: JsonValue | undefined): readonly ReasoningPart[] {
  const parsed = continuationSchema.safeParse(continuation);
  return parsed.success ? parsed.data.reasoning : [];
}

/** Gathers the reasoning of one model call. */
export class ReasoningRecord {
  readonly #blocks = new Map<string, { text: string; metadata: Record<string, Record<string, JsonValue>> }>();

  /** `text` of the block `id` goes on; `metadata` may come with any part of it. */
  add(id: string, text: string, metadata: ProviderMetadata | undefined): void {
    const block = this.#blocks.get(id) ?? { text: '', metadata: {} };
    block.text += text;
    const parsed = metadataSchema.safeParse(metadata ?? {});
    for (const [provider, values] of Object.entries(parsed.data ?? {})) {
      block.metadata[provider] = { ...block.metadata[provider], ...values };
    }
    this.#blocks.set(id, block);
  }

  /** `undefined` when there is nothing that a provider would ask for: reasoning without a signature is not sent back. */
  continuation(): JsonValue | undefined {
    const reasoning = [...this.#blocks.values()]
      .filter(({ metadata }) => Object.keys(metadata).length > 0)
      .map(({ text, metadata }) => ({ text, providerOptions: metadata }));
    return reasoning.length === 0 ? undefined : { reasoning };
  }
}
