/** Files that clients store, to attach them to messages (SPEC [FIL1]–[FIL4]). */
import { z } from 'zod';
import { fileIdSchema } from './ids.ts';
import { limits } from './limits.ts';

/** What is known of a file; its bytes never change. */
export const storedFileSchema = z
  .object({
    id: fileIdSchema,
    /** Harmless, as {@link harmlessFileName} makes it. */
    name: z.string(),
    /** A media type without parameters, found in the bytes. */
    type: z.string(),
    bytes: z.int().min(0),
    /** Of the bytes, in lower-case hexadecimal digits. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  })
  .meta({ id: 'StoredFile' });
export type StoredFile = z.output<typeof storedFileSchema>;

/** Data of `file.deleted`. */
export const deletedFileSchema = z.object({ id: fileIdSchema });

/** The name of a file that came without one, or with one of which nothing is left. */
export const namelessFile = 'file';

/** Characters that a name must not have: control characters, invisible ones, and those that reverse what is read. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** Invisible, but emoji and Persian words are written with them. */
const joiners = ['\u200C', '\u200D'];

/**
 * Makes a client's name for a file safe to show, to send in a header, and to save under: its last path part, without
 * control characters and marks that reverse text, with `_` for what file systems forbid, at most
 * `fileNameCharactersMax` characters, its extension kept.
 */
export function harmlessFileName(given: string): string {
  const path = given.toWellFormed().normalize('NFC').split(/[/\\]/);
  const name = (path.at(-1) ?? '')
    .replace(invisible, (character) => (joiners.includes(character) ? character : ''))
    .replace(/[<>:"|?*]/g, '_');
  return trimmed(shortened(trimmed(name))) || namelessFile;
}

/**
 * A name for a file, made of a title and without an extension; `fallback` when nothing is left of the title. A title is no
 * path: its slashes stay visible as something else. A name with a dot before it would be hidden.
 */
export function titledFileName(title: string, fallback: string): string {
  const name = harmlessFileName(title.replace(/[/\\]/g, '-')).replace(/^[\s.]+/u, '');
  return name === '' || name === namelessFile ? fallback : name;
}

/** A header can hold ASCII only, so clients may percent-encode the name's UTF-8; a name that is not encoded stays. */
export function fileNameOf(header: string): string {
  try {
    return harmlessFileName(decodeURIComponent(header));
  } catch {
    return harmlessFileName(header);
  }
}

/** White space around it, and dots at its end, are lost by some file systems; `.` and `..` are folders. */
function trimmed(name: string): string {
  return name.replace(/^\s+|[\s.]+$/gu, '');
}

function shortened(name: string): string {
  const characters = [...name];
  if (characters.length <= limits.fileNameCharactersMax) return name;
  const [extension = ''] = /\.[^.\s]{1,16}$/u.exec(name) ?? [];
  return characters.slice(0, limits.fileNameCharactersMax - [...extension].length).join('') + extension;
}
