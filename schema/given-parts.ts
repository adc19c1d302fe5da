/** What a client says, as a message keeps it: one text, with marks where other parts stand. */
import type { MessageText } from './chat-message.ts';
import type { GivenPart } from './create-message.ts';
import type { FileId } from './ids.ts';
import { type MarkedPart, type MessagePart, textAndMarks } from './message-part.ts';
import { accepted, fileNotFound, type Outcome, refused } from './refusal.ts';

/** A file as its part shows it. */
export type FilePart = Extract<MarkedPart, { type: 'file' }>;

/** The ids of the files that it mentions, each once: they have to be looked up first. */
export function givenFiles(parts: readonly GivenPart[] = []): readonly FileId[] {
  return [...new Set(parts.flatMap((part) => (part.type === 'file' ? [part.fileId] : [])))];
}

/**
 * Plain `content`, or `parts`: a validated body has one of them. `files` are those of {@link givenFiles} that exist; a
 * part whose file is missing is refused (404).
 */
export function givenText(
  said: { readonly content?: string | undefined; readonly parts?: readonly GivenPart[] | undefined },
  files: ReadonlyMap<FileId, FilePart>,
): Outcome<MessageText> {
  if (said.parts === undefined) return accepted({ content: said.content ?? '' });
  const parts: MessagePart[] = [];
  for (const part of said.parts) {
    if (part.type !== 'file') {
      parts.push(part);
      continue;
    }
    const file = files.get(part.fileId);
    if (file === undefined) return refused(fileNotFound(part.fileId));
    parts.push(file);
  }
  const { content, marks } = textAndMarks(parts);
  return accepted(marks.length === 0 ? { content } : { content, marks });
}
