/** Entity tags (RFC 9110, 8.8.3). */

/**
 * Whether `If-None-Match` names the tag. A proxy that compresses marks the tag as weak (`W/`), so that mark is ignored.
 */
export function isKnownTag(ifNoneMatch: string, etag: string): boolean {
  return ifNoneMatch.split(',').some((given) => given.trim().replace(/^W\//, '') === etag);
}
