/** Files in the messages of a conversation, and what a model is told of those that it is not given. Pure. */
import { type Attachment, fileWords } from '../../schema/attachment.ts';
import type { MessageMark } from '../../schema/message-part.ts';

/** The files among the parts of a message, where they stand in its content. */
export function attachmentsOf(marks: readonly MessageMark[] = []): readonly Attachment[] {
  return marks.flatMap(({ offset, part }) => {
    if (part?.type !== 'file') return [];
    const { fileId, name, mediaType, bytes } = part;
    return [{ fileId, name, mediaType, bytes, offset }];
  });
}

/** Tells of the attachments in words, each where it stands. `reason`: why the model is not given it. */
export function toldInWords(
  content: string,
  attachments: readonly Attachment[],
  reason: (attachment: Attachment) => string | null,
): { readonly content: string; readonly attachments: readonly Attachment[] } {
  const kept: Attachment[] = [];
  let told = '';
  let from = 0;
  for (const attachment of attachments) {
    const offset = Math.min(Math.max(attachment.offset, from), content.length);
    told += content.slice(from, offset);
    from = offset;
    const why = reason(attachment);
    if (why === null) kept.push({ ...attachment, offset: told.length });
    else told += setOff(told, `[The ${fileWords(attachment)} is not given to you: ${why}.]`);
  }
  return { content: told + content.slice(from), attachments: kept };
}

/** On lines of their own. */
function setOff(before: string, words: string): string {
  return `${before === '' || before.endsWith('\n') ? '' : '\n'}${words}\n`;
}
