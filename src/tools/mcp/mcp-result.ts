/**
 * What a tool of an MCP server answered, as the value that goes to the model and into the store. Whatever can be read
 * of it is; what is no result at all fails its call, with what came.
 */
import { valueText } from '../../../schema/preview.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { parseExact } from './exact-json.ts';
import { isObject, quoted } from './told-value.ts';

/** A block of content that is no text; of one that carries bytes only their size, for a model reads no base64. */
type Block = { readonly type: 'text'; readonly text: string } | Readonly<Record<string, unknown>>;

/**
 * The text of the blocks, or the blocks if some are no text, and structured content behind it unless it says the same.
 * A result that says that it is an error becomes a refusal with all of that: the model is told, the turn goes on.
 */
export function mcpOutcome(result: unknown): Outcome<unknown> {
  if (!isObject(result)) return noResult(result);
  const { content, structuredContent, isError, toolResult } = result;
  // The oldest revision of the protocol has `toolResult` alone; some servers put the whole result into it.
  if (isObject(toolResult) && 'content' in toolResult && !('content' in result))
    return mcpOutcome(toolResult);
  const structured = structuredContent ?? toolResult ?? null;
  const isEmpty = (content ?? null) === null && structured === null;
  if (isEmpty && Object.keys(result).some((key) => !knownKeys.has(key))) return noResult(result);
  const blocks = blocksOf(content);
  const texts = blocks.map(textOf).filter((text) => text !== null);
  const isText = texts.length === blocks.length;
  const told = structured === null || repeats(structured, texts) ? null : structured;
  if (isError === true || isError === 'true') {
    const words = [
      ...(isText ? texts : [...texts, JSON.stringify(blocks)]),
      ...(told === null ? [] : [valueText(told)]),
    ];
    return refused(refusal('bad_request', words.join('\n').trim() || 'The tool failed and did not say why'));
  }
  if (told === null) return accepted(isText ? texts.join('\n') : blocks);
  if (blocks.length === 0) return accepted(told);
  return accepted(
    isText
      ? `${texts.join('\n')}\n\nstructuredContent: ${valueText(told)}`
      : { content: blocks, structuredContent: told },
  );
}

const knownKeys = new Set(['content', 'structuredContent', 'toolResult', 'isError', '_meta', 'resultType']);

function noResult(result: unknown): Outcome<never> {
  return refused(
    refusal('bad_request', `The tool server answered in a shape that is no tool result: ${quoted(result)}`),
  );
}

function blocksOf(content: unknown): readonly Block[] {
  const all: readonly unknown[] = Array.isArray(content) ? content : [content];
  return all.filter((block) => block !== null && block !== undefined).map(blockOf);
}

function blockOf(block: unknown): Block {
  if (!isObject(block)) return { type: 'text', text: valueText(block) ?? '' };
  const { text, type, resource } = block;
  if (typeof text === 'string' && (type === 'text' || type === undefined)) return { type: 'text', text };
  if (type === 'text') return { type: 'text', text: valueText(text) ?? '' };
  return { ...withoutBytes(block), ...(isObject(resource) ? withoutBytes(resource) : {}) };
}

/** What is `null` is left out, and so are what the blocks have for programs and what stands beside them. */
function withoutBytes(block: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(block).filter(
    ([key, value]) => value !== null && !['data', 'blob', 'resource', '_meta', 'annotations'].includes(key),
  );
  const bytes = block['data'] ?? block['blob'];
  return {
    ...Object.fromEntries(kept),
    ...(typeof bytes === 'string' ? { base64Units: bytes.length } : {}),
  };
}

function textOf(block: Block): string | null {
  return block['type'] === 'text' && typeof block['text'] === 'string' ? block['text'] : null;
}

/** Servers put the same into a text for clients that read no structured content; some wrap a single value as `result`. */
function repeats(structured: unknown, texts: readonly string[]): boolean {
  const inner =
    isObject(structured) && Object.keys(structured).length === 1 ? structured['result'] : undefined;
  const same = new Set([sortedJson(structured), ...(inner === undefined ? [] : [sortedJson(inner)])]);
  const said = texts.length > 1 ? [...texts, texts.join('\n')] : texts;
  if (said.some((text) => text === inner || same.has(sortedJson(jsonIn(text))))) return true;
  // A list, with one text for each of its items.
  return (
    Array.isArray(inner) &&
    inner.length === texts.length &&
    inner.every((item, at) => item === texts[at] || sortedJson(item) === sortedJson(jsonIn(texts[at] ?? '')))
  );
}

function jsonIn(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

function sortedJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
