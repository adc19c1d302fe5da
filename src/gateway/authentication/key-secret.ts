/**
 * The secrets of stored keys: `cb_`, 32 random bytes in base64url, and 6 characters that are computed from those, so that
 * whoever searches texts for secrets recognises one without asking the server, and one that is cut is refused at once.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const form = /^(cb_[\w-]{43})([0-9a-z]{7})$/;

export function newKeySecret(): string {
  const random = `cb_${randomBytes(32).toString('base64url')}`;
  return random + checksum(random);
}

/** The SHA-256 of the secret, base64url; `undefined`: it is no such secret. */
export function keyDigest(secret: string): string | undefined {
  const [, random, sum] = form.exec(secret) ?? [];
  if (random === undefined || sum !== checksum(random)) return undefined;
  return createHash('sha256').update(secret).digest('base64url');
}

function checksum(text: string): string {
  return crc32(text).toString(36).padStart(7, '0');
}
