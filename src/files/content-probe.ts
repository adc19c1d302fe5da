/**
 * Finds out what a file is while its bytes pass: how many they are, their SHA-256, and their type (SPEC [FIL4]). The
 * type is never a guess by name, and finding it costs the same for every file: formats are looked for in the beginning
 * alone, and archives are not opened.
 */
import { createHash } from 'node:crypto';
import type { ContentProbe } from '../../actors/file-store.ts';
import { limits } from '../../schema/limits.ts';

/** `file-type` would unpack these to see what is in them. */
const archives: readonly (readonly [type: string, signature: readonly number[]])[] = [
  ['application/zip', [0x50, 0x4b, 0x03, 0x04]],
  ['application/zip', [0x50, 0x4b, 0x05, 0x06]],
  ['application/zip', [0x50, 0x4b, 0x07, 0x08]],
  ['application/gzip', [0x1f, 0x8b]],
];

/**
 * The known formats that are written as text. A text that begins like any other format, as `BMW` begins like a bitmap,
 * is a text.
 */
const textFormats = [
  'application/eps',
  'application/pdf',
  'application/postscript',
  'application/rtf',
  'application/xml',
  'text/calendar',
  'text/vcard',
  'text/vtt',
];

export function createContentProbe(): ContentProbe {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const beginning: Uint8Array[] = [];
  let bytes = 0;
  let isText = true;

  const decode = (chunk: Uint8Array, more: boolean): void => {
    if (!isText) return;
    try {
      decoder.decode(chunk, { stream: more });
      isText = !chunk.includes(0);
    } catch {
      isText = false;
    }
  };

  return {
    take(chunk) {
      hash.update(chunk);
      decode(chunk, true);
      // A copy, because the caller may use the memory again.
      if (bytes < limits.fileProbeBytes) beginning.push(chunk.slice(0, limits.fileProbeBytes - bytes));
      bytes += chunk.length;
    },
    async end() {
      decode(new Uint8Array(), false);
      const type = await typeOf(Buffer.concat(beginning), isText);
      return { type, bytes, sha256: hash.digest('hex') };
    },
  };
}

async function typeOf(beginning: Uint8Array, isText: boolean): Promise<string> {
  const known = archiveType(beginning) ?? (await knownType(beginning));
  if (isText) return known !== undefined && textFormats.includes(known) ? known : 'text/plain';
  return known ?? 'application/octet-stream';
}

function archiveType(beginning: Uint8Array): string | undefined {
  return archives.find(([, signature]) => signature.every((byte, index) => beginning[index] === byte))?.[0];
}

/** Without parameters (`audio/ogg; codecs=opus`). */
async function knownType(beginning: Uint8Array): Promise<string | undefined> {
  // Loaded for the first file.
  const { fileTypeFromBuffer } = await import('file-type');
  try {
    const found = await fileTypeFromBuffer(beginning, { maxBufferSize: limits.fileProbeBytes });
    return found?.mime.split(';')[0];
  } catch {
    // It rejects bytes that begin like a format and then break its rules: what they are is not known.
    return undefined;
  }
}
