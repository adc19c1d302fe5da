/**
 * Files as they go into a request: their bytes are read when the request is written, and no earlier. A file that is gone
 * is told in words, and a text is told as text (SPEC [FIL34], [FIL35]).
 */
import type { FileReader, FileStore } from '../../../../actors/file-store.ts';
import type { ModelMessage } from '../../../../actors/ports.ts';
import {
  type AcceptedKind,
  type Attachment,
  attachmentKind,
  fileWords,
} from '../../../../schema/attachment.ts';
import type { FileId } from '../../../../schema/ids.ts';
import { isBlank } from '../../../../schema/text.ts';

/** A file that a provider is sent. */
export type ToldFile = {
  readonly kind: AcceptedKind;
  readonly name: string;
  readonly mediaType: string;
  readonly base64: string;
  /** Where it stands in the text, UTF-16 units. */
  readonly offset: number;
};

/** What was found under a file's id; a file that is not here is gone. */
export type ReadFiles = ReadonlyMap<FileId, Uint8Array>;

/** Text with files where they stand in it, in order. */
export type TextWithFiles = { readonly text: string; readonly files: readonly ToldFile[] };

/** Reads every file that the messages carry. What cannot be read, or is not what its message says, is left out. */
export async function readFiles(
  conversation: readonly ModelMessage[],
  store: Pick<FileStore, 'open'>,
  note: (problem: string, cause: unknown) => void,
): Promise<ReadFiles> {
  const found = new Map<FileId, Uint8Array>();
  for (const { fileId, bytes } of conversation.flatMap(attachmentsIn)) {
    if (found.has(fileId)) continue;
    try {
      const reader = await store.open(fileId);
      const read = reader === undefined ? undefined : await wholeFile(reader, bytes);
      if (read !== undefined) found.set(fileId, read);
    } catch (cause) {
      note(`The file ${fileId} of a conversation cannot be read`, cause);
    }
  }
  return found;
}

export function attachmentsIn(message: ModelMessage): readonly Attachment[] {
  return message.role === 'user' || message.role === 'tool' ? (message.attachments ?? []) : [];
}

/** `undefined`: it has another length than its message says, so nobody has bounded it. */
async function wholeFile(reader: FileReader, bytes: number): Promise<Uint8Array | undefined> {
  try {
    if (reader.bytes !== bytes) return undefined;
    const whole = new Uint8Array(bytes);
    let filled = 0;
    for await (const chunk of reader.read({ start: 0, end: bytes })) {
      whole.set(chunk, filled);
      filled += chunk.length;
    }
    return filled === bytes ? whole : undefined;
  } finally {
    await reader.close();
  }
}

/** The content of a message with its files: texts become part of it, and so do the words for those that are gone. */
export function withFiles(
  content: string,
  attachments: readonly Attachment[],
  files: ReadFiles,
): TextWithFiles {
  const told: ToldFile[] = [];
  let text = '';
  let from = 0;
  for (const attachment of attachments) {
    const offset = Math.min(Math.max(attachment.offset, from), content.length);
    text += content.slice(from, offset);
    from = offset;
    const bytes = files.get(attachment.fileId);
    const kind = attachmentKind(attachment.mediaType);
    if (bytes !== undefined && kind !== 'text' && kind !== 'other') {
      const { name, mediaType } = attachment;
      told.push({
        kind,
        name,
        mediaType,
        base64: Buffer.from(bytes).toString('base64'),
        offset: text.length,
      });
    } else {
      if (text !== '' && !text.endsWith('\n')) text += '\n';
      text += `${kind === 'text' ? quotedText(attachment, bytes) : gone(attachment)}\n`;
    }
  }
  return { text: text + content.slice(from), files: told };
}

function quotedText(attachment: Attachment, bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return gone(attachment);
  const { name, mediaType } = attachment;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return `<file name=${JSON.stringify(name)} type=${JSON.stringify(mediaType)}>\n${text}\n</file>`;
  } catch {
    return `[The ${fileWords(attachment)} is not given to you: it is no text in UTF-8.]`;
  }
}

function gone(attachment: Attachment): string {
  return `[The ${fileWords(attachment)} is not given to you: it is gone.]`;
}

export function joinedWithFiles(one: TextWithFiles, between: string, other: TextWithFiles): TextWithFiles {
  const lead = one.text + between;
  const moved = other.files.map((file) => ({ ...file, offset: file.offset + lead.length }));
  return { text: lead + other.text, files: [...one.files, ...moved] };
}

/** The texts that are not blank, and the files between them, in order. */
export function piecesWithFiles({ text, files }: TextWithFiles): readonly (string | ToldFile)[] {
  const pieces: (string | ToldFile)[] = [];
  let from = 0;
  const upTo = (offset: number) => {
    const piece = text.slice(from, offset);
    if (!isBlank(piece)) pieces.push(piece);
    from = offset;
  };
  for (const file of files) {
    upTo(file.offset);
    pieces.push(file);
  }
  upTo(text.length);
  return pieces;
}

/** As providers' formats carry bytes in a text. */
export function dataUrl({ mediaType, base64 }: ToldFile): string {
  return `data:${mediaType};base64,${base64}`;
}
