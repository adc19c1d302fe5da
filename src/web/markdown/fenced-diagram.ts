/** Which blocks of code are diagrams. */
import type { Tokens } from 'marked';

/** True for a block in Mermaid's language once its fence is closed: until then its text may grow. */
export function isDiagram({ lang, raw }: Pick<Tokens.Code, 'lang' | 'raw'>): boolean {
  if (lang === undefined || !/^mermaid\b/i.test(lang)) return false;
  const [, fence] = /^ {0,3}(`{3,}|~{3,})/.exec(raw) ?? [];
  if (fence === undefined) return false;
  const end = raw.trimEnd();
  const last = end.slice(end.lastIndexOf('\n') + 1).trim();
  return end.includes('\n') && last.startsWith(fence) && /^(?:`+|~+)$/.test(last);
}
