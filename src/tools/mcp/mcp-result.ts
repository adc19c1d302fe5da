/** What a tool of an MCP server answered, as the value that goes to the model and into the store. */
import { z } from 'zod';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';

/** A block of content; of those that carry bytes only their size is kept, for a model reads no base64. */
const blockSchema = z.union([
  z.object({ type: z.literal('text'), text: z.string() }),
  z
    .looseObject({ type: z.enum(['image', 'audio']), data: z.string(), mimeType: z.string() })
    .transform(({ type, data, mimeType }) => ({ type, mimeType, base64Units: data.length })),
  z
    .looseObject({
      type: z.literal('resource'),
      resource: z.looseObject({ uri: z.string(), text: z.string().optional(), blob: z.string().optional() }),
    })
    .transform(({ type, resource: { uri, text, blob } }) => ({
      type,
      uri,
      ...(text === undefined ? {} : { text }),
      ...(blob === undefined ? {} : { base64Units: blob.length }),
    })),
  z.looseObject({ type: z.string() }),
]);

const resultSchema = z.looseObject({
  content: z.array(blockSchema).default([]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

/**
 * Structured content if there is any, else the text of the blocks, else the blocks. A result that says that it is an
 * error becomes a refusal with its text: the model is told, the turn goes on.
 */
export function mcpOutcome(result: unknown): Outcome<unknown> {
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success) return refused(refusal('internal', 'The tool server sent a result that is none'));
  const { content, structuredContent, isError } = parsed.data;
  const texts = content.flatMap((block) =>
    'text' in block && typeof block.text === 'string' ? [block.text] : [],
  );
  if (isError === true) {
    return refused(refusal('bad_request', texts.join('\n') || 'The tool failed and did not say why'));
  }
  if (structuredContent !== undefined) return accepted(structuredContent);
  return accepted(content.every(({ type }) => type === 'text') ? texts.join('\n') : content);
}
