/**
 * The files that an imported conversation names ([FIL51]). Whoever imports it says which, so a file that it does not see
 * becomes one that is not there, like a file of another server.
 */
import type { Visibility } from '../../schema/authorization.ts';
import type { FileId } from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type { FilePart, MessageMark } from '../../schema/message-part.ts';
import type { FileRecords } from '../file-store.ts';
import type { Ids } from '../ports.ts';
import { seenFiles } from '../seen-files.ts';

type Ports = { readonly files: Pick<FileRecords, 'access'>; readonly ids: Ids };

/** `visibleTo`: what the importer sees; absent: everything. Rejects with `JournalUnavailable`. */
export async function withSeenFiles(
  { files, ids }: Ports,
  conversation: ImportedConversation,
  visibleTo: Visibility | undefined,
): Promise<ImportedConversation> {
  const { messages, calls } = conversation;
  const marks = messages.flatMap((message) => message.marks ?? []);
  const named = [
    ...marks.flatMap(({ part }) => (part?.type === 'file' ? [part.fileId] : [])),
    ...calls.flatMap((call) => call.files ?? []).map(({ fileId }) => fileId),
  ];
  if (visibleTo === undefined || named.length === 0) return conversation;
  const seen = await seenFiles(files, named, visibleTo);
  const part = (file: FilePart): FilePart =>
    seen.has(file.fileId) ? file : { ...file, fileId: ids.next<FileId>() };
  const marked = (mark: MessageMark): MessageMark =>
    mark.part?.type === 'file' ? { offset: mark.offset, part: part(mark.part) } : mark;
  return {
    ...conversation,
    messages: messages.map((message) =>
      message.marks === undefined ? message : { ...message, marks: message.marks.map(marked) },
    ),
    calls: calls.map((call) => (call.files === undefined ? call : { ...call, files: call.files.map(part) })),
  };
}
