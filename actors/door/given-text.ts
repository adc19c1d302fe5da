/** Turns what a client says into the text and marks of a message. */
import type { GivenPart } from '../../schema/create-message.ts';
import type { FileId } from '../../schema/ids.ts';
import {
  type FilePart,
  type MessageMark,
  type MessagePart,
  textAndMarks,
} from '../../schema/message-part.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';

/** What is known of a file; `undefined`: there is no such file. */
export type FindFile = (id: FileId) => Promise<FilePart | undefined>;

export type GivenText = { readonly content: string; readonly marks: readonly MessageMark[] };

/** Either `content` or `parts` is there. Rejects when files cannot be looked up. */
export async function givenText(
  {
    content = '',
    parts,
  }: { readonly content?: string | undefined; readonly parts?: readonly GivenPart[] | undefined },
  findFile: FindFile,
): Promise<Outcome<GivenText>> {
  if (parts === undefined) return accepted({ content, marks: [] });
  const known: MessagePart[] = [];
  for (const part of parts) {
    if (part.type !== 'file') {
      known.push(part);
      continue;
    }
    const file = await findFile(part.fileId);
    if (file === undefined) return refused(refusal('not_found', `File ${part.fileId} not found`));
    known.push(file);
  }
  return accepted(textAndMarks(known));
}
