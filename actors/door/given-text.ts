/** Turns what a client says into the text and marks of a message. */
import type { GivenPart } from '../../schema/create-message.ts';
import { type MessageMark, type MessagePart, textAndMarks } from '../../schema/message-part.ts';

export type GivenText = { readonly content: string; readonly marks: readonly MessageMark[] };

/**
 * Either `content` or `parts` is there. Of a file only the id is known yet: its session looks up the rest, in the order
 * in which commands came.
 */
export function givenText({
  content = '',
  parts,
}: {
  readonly content?: string | undefined;
  readonly parts?: readonly GivenPart[] | undefined;
}): GivenText {
  if (parts === undefined) return { content, marks: [] };
  return textAndMarks(
    parts.map(
      (part): MessagePart => (part.type === 'file' ? { ...part, name: '', mediaType: '', bytes: 0 } : part),
    ),
  );
}
