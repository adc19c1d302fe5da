/** Ids, as texts that the browser or the server gives. Schemas would load more code than the page has. */
import type { FileId } from '../../schema/ids.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function isIdText(text: string): boolean {
  return uuid.test(text);
}

export function isFileId(text: unknown): text is FileId {
  return typeof text === 'string' && isIdText(text);
}
