/** Files as models take them: which kind a file is for a model, and why one is not given to it (SPEC [FIL30]). */

import type { FileId } from './ids.ts';
import { limits } from './limits.ts';
import type { FilePart } from './message-part.ts';

/** The kinds of files that some models take and some do not. */
export const acceptedKinds = ['image', 'pdf', 'audio'] as const;
export type AcceptedKind = (typeof acceptedKinds)[number];

/** What a model takes. `everything`: it reads no bytes, and is only told of the files. */
export type AcceptedFiles = readonly AcceptedKind[] | 'everything';

/** A file that stands in a message to a model. */
export type Attachment = {
  readonly fileId: FileId;
  /** Harmless, as `harmlessFileName` makes it. */
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Where it stands in the message's content, UTF-16 units. */
  readonly offset: number;
};

/** The types that the providers' formats have in common. */
const knownTypes: ReadonlyMap<string, AcceptedKind> = new Map([
  ['image/png', 'image'],
  ['image/jpeg', 'image'],
  ['image/gif', 'image'],
  ['image/webp', 'image'],
  ['application/pdf', 'pdf'],
  ['audio/mpeg', 'audio'],
  ['audio/wav', 'audio'],
  ['audio/x-wav', 'audio'],
  ['audio/vnd.wave', 'audio'],
]);

/** Texts that are not called so; every model reads them. */
const textTypes = ['application/json', 'application/xml', 'image/svg+xml'];

/** `text`: every model is given its text. `other`: no model takes it. */
export function attachmentKind(mediaType: string): AcceptedKind | 'text' | 'other' {
  const known = knownTypes.get(mediaType);
  if (known !== undefined) return known;
  return mediaType.startsWith('text/') || textTypes.includes(mediaType) ? 'text' : 'other';
}

/** Why a model that takes `accepted` is not given this file; `null`: it is. */
export function unfitReason(
  { mediaType, bytes }: Pick<FilePart, 'mediaType' | 'bytes'>,
  accepted: AcceptedFiles,
): string | null {
  if (accepted === 'everything') return null;
  const kind = attachmentKind(mediaType);
  switch (kind) {
    case 'other':
      return 'models take no files of this type';
    case 'text':
      return bytes > limits.attachedTextBytesMax
        ? `it is longer than the ${limits.attachedTextBytesMax} bytes that a model is given of a text`
        : null;
    default:
      if (!accepted.includes(kind)) return `this model takes no ${kindWords[kind]}`;
      return bytes > limits.attachmentBytesMax
        ? `it is larger than the ${limits.attachmentBytesMax} bytes that one model call may carry`
        : null;
  }
}

const kindWords: Readonly<Record<AcceptedKind, string>> = {
  image: 'images',
  pdf: 'PDF documents',
  audio: 'audio',
};

/** A file in words: `file "plan.pdf" (application/pdf, 120 bytes)`. */
export function fileWords({
  name,
  mediaType,
  bytes,
}: Pick<FilePart, 'name' | 'mediaType' | 'bytes'>): string {
  return `file ${JSON.stringify(name)} (${mediaType}, ${bytes} bytes)`;
}

/** Tokens that a file costs a model, about: what providers publish for images, pages and seconds of sound. */
export function attachmentTokens({ mediaType, bytes }: Pick<Attachment, 'mediaType' | 'bytes'>): number {
  switch (attachmentKind(mediaType)) {
    case 'image':
      return 1600;
    case 'pdf':
      return Math.max(1600, Math.ceil(bytes / 64));
    case 'audio':
      return Math.max(100, Math.ceil(bytes / 1000));
    case 'text':
      return Math.ceil(bytes / 3);
    case 'other':
      return 0;
  }
}
