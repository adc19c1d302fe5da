/** The files in what a tool of an MCP server answered: images, audio, and resources that carry bytes. */
import type { ReturnedFile } from '../../../actors/file-store.ts';
import { isObject } from './told-value.ts';

/** In their order; what is no base64 is none. The declared type is only good for a name. */
export function mcpFiles(result: unknown): readonly ReturnedFile[] {
  if (!isObject(result)) return [];
  const { content, toolResult } = result;
  // As the result itself is read (mcp-result.ts).
  if (isObject(toolResult) && 'content' in toolResult && !('content' in result)) return mcpFiles(toolResult);
  const blocks: readonly unknown[] = Array.isArray(content) ? content : [content];
  return blocks.flatMap((block, index) => {
    if (!isObject(block)) return [];
    const { type, resource } = block;
    const source = isObject(resource) ? resource : block;
    const bytes = bytesIn(source['blob'] ?? source['data'] ?? block['data'] ?? block['blob']);
    if (bytes === undefined) return [];
    const kind = typeof type === 'string' ? type : 'file';
    return [{ name: lastSegment(source['uri']) ?? madeName(kind, index + 1, source['mimeType']), bytes }];
  });
}

function bytesIn(given: unknown): Uint8Array | undefined {
  if (typeof given !== 'string') return undefined;
  const base64 = given.replace(/^data:[^,]{0,200};base64,/, '').replace(/\s+/g, '');
  if (base64 === '' || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === 0 ? undefined : bytes;
}

/** `file:///photos/cat.png` → `cat.png`. */
function lastSegment(uri: unknown): string | undefined {
  if (typeof uri !== 'string' || !URL.canParse(uri)) return undefined;
  const segment = new URL(uri).pathname.split('/').at(-1) ?? '';
  if (segment === '') return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function madeName(kind: string, count: number, mediaType: unknown): string {
  const subtype =
    typeof mediaType === 'string' ? /^[a-z]+\/([a-z0-9]{1,10})(?:$|[;+])/i.exec(mediaType)?.[1] : undefined;
  return `${kind.slice(0, 40)}-${count}${subtype === undefined ? '' : `.${subtype.toLowerCase()}`}`;
}
