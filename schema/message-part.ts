/**
 * Message parts: what a message is made of, in order. The text of a message is stored once, as its `content`; its other
 * parts are kept as marks, each with the place in the text where it stands. So growing text costs nothing more than
 * itself, and `parts` and `content` cannot disagree.
 */
import { z } from 'zod';
import { fileIdSchema, toolCallIdSchema } from './ids.ts';

export const textPartSchema = z.object({ type: z.literal('text'), text: z.string() });

/** A file as its part shows it. */
export const filePartSchema = z.object({
  type: z.literal('file'),
  fileId: fileIdSchema,
  name: z.string(),
  mediaType: z.string(),
  bytes: z.int().nonnegative(),
});
export type FilePart = z.infer<typeof filePartSchema>;

/** What stands between the texts of a message. */
export const markedPartSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('reasoning'),
    text: z.string(),
    /** Present when the reasoning was longer than `reasoningUnitsMax`: its end is missing. */
    cut: z.literal(true).exactOptional(),
  }),
  /** The call itself is read by its id, or heard of by `tool.call` and `tool.result`. */
  z.object({ type: z.literal('tool-call'), callId: toolCallIdSchema, name: z.string() }),
  filePartSchema,
  z.object({ type: z.literal('source'), url: z.string(), title: z.string().exactOptional() }),
  z.object({ type: z.literal('data'), name: z.string(), data: z.json() }),
  /** Another model call begins; `step` counts from 1, and the first has no border. */
  z.object({ type: z.literal('step'), step: z.int().positive() }),
]);
export type MarkedPart = z.infer<typeof markedPartSchema>;

export const messagePartSchema = z.union([textPartSchema, markedPartSchema]).meta({ id: 'MessagePart' });
export type MessagePart = z.infer<typeof messagePartSchema>;

/** `part` stands at `offset` in the content, UTF-16 units. `null`: a new text part begins there. */
export const messageMarkSchema = z.object({
  offset: z.int().nonnegative(),
  part: markedPartSchema.nullable(),
});
export type MessageMark = z.infer<typeof messageMarkSchema>;

/** `marks` in the order of their parts. A mark behind the end of the text, of which a crash took the rest, stands at its end. */
export function partsOf(content: string, marks: readonly MessageMark[]): readonly MessagePart[] {
  const parts: MessagePart[] = [];
  let told = 0;
  const tellUpTo = (offset: number) => {
    const end = Math.min(offset, content.length);
    if (end <= told) return;
    parts.push({ type: 'text', text: content.slice(told, end) });
    told = end;
  };
  for (const { offset, part } of marks) {
    tellUpTo(offset);
    if (part !== null) parts.push(part);
  }
  tellUpTo(content.length);
  return parts;
}

/** The inverse of {@link partsOf}; an empty text is no part. */
export function textAndMarks(parts: readonly MessagePart[]): {
  readonly content: string;
  readonly marks: readonly MessageMark[];
} {
  const marks: MessageMark[] = [];
  let content = '';
  let endsWithText = false;
  for (const part of parts) {
    if (part.type !== 'text') {
      marks.push({ offset: content.length, part });
      endsWithText = false;
    } else if (part.text !== '') {
      if (endsWithText) marks.push({ offset: content.length, part: null });
      content += part.text;
      endsWithText = true;
    }
  }
  return { content, marks };
}
