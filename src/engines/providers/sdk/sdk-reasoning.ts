/**
 * What the AI SDK wants back: reasoning with what a provider said beside it, such as a signature. It travels as the
 * `continuation` of a step; what was said beside a call, as that of the call.
 */
import type { SharedV4ProviderMetadata } from '@ai-sdk/provider';
import { z } from 'zod';
import type { JsonValue } from '../../../../schema/json-value.ts';

const metadataSchema = z.record(z.string(), z.record(z.string(), z.json()));
const reasoningPartSchema = z.object({ text: z.string(), providerOptions: metadataSchema });
const continuationSchema = z.object({ reasoning: z.array(reasoningPartSchema) });

export type ReasoningPart = z.output<typeof reasoningPartSchema>;

/** Empty for a continuation of another engine, or none. */
export function reasoningOf(continuation: JsonValue | undefined): readonly ReasoningPart[] {
  const parsed = continuationSchema.safeParse(continuation);
  return parsed.success ? parsed.data.reasoning : [];
}

/** What a provider said beside something; `undefined`: nothing that can be kept. */
export function metadataOf(given: unknown): z.output<typeof metadataSchema> | undefined {
  const parsed = metadataSchema.safeParse(given);
  return parsed.success && Object.keys(parsed.data).length > 0 ? parsed.data : undefined;
}

/** Gathers the reasoning of one model call. */
export class ReasoningRecord {
  readonly #keepsPlain: boolean;
  readonly #blocks = new Map<string, { text: string; metadata: Record<string, Record<string, JsonValue>> }>();

  /** `keepsPlain`: reasoning is wanted back though it is not signed. */
  constructor(keepsPlain: boolean) {
    this.#keepsPlain = keepsPlain;
  }

  /** `text` of the block `id` goes on; `metadata` may come with any part of it. */
  add(id: string, text: string, metadata: SharedV4ProviderMetadata | undefined): void {
    const block = this.#blocks.get(id) ?? { text: '', metadata: {} };
    block.text += text;
    const parsed = metadataSchema.safeParse(metadata ?? {});
    for (const [provider, values] of Object.entries(parsed.data ?? {})) {
      block.metadata[provider] = { ...block.metadata[provider], ...values };
    }
    this.#blocks.set(id, block);
  }

  /** `undefined` when there is nothing that the provider would ask for. */
  continuation(): JsonValue | undefined {
    const reasoning = [...this.#blocks.values()]
      .filter(({ text, metadata }) => Object.keys(metadata).length > 0 || (this.#keepsPlain && text !== ''))
      .map(({ text, metadata }) => ({ text, providerOptions: metadata }));
    return reasoning.length === 0 ? undefined : { reasoning };
  }
}
