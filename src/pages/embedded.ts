/** Data and code inside an HTML document: whatever is in it, it stays inside its element. */
import { createHash } from 'node:crypto';

/** A script element that holds JSON and is never run. `attributes` are the server's own words. */
export function jsonElement(attributes: string, value: unknown): string {
  return `<script type="application/json" ${attributes}>${embeddedJson(value)}</script>\n`;
}

/** JSON without `<`, which alone can end a script element or change how its text is read. */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * A script as the text of a script element. What could end the element is in strings, templates and regular
 * expressions alone, and means the same there when it is escaped.
 */
export function embeddedScript(code: string): string {
  return code.replace(/<(?=!--|\/?script)/gi, '\\x3C');
}

/** Allows a script or style, in a content policy, by its text inside its element. */
export function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
