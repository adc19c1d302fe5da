/** Comments of a YAML file: people leave old keys in them. */
import { Lexer } from 'yaml';
import { isSecretKey, redacted, redactedText } from '../../../schema/redaction.ts';
import type { ParsedConfig } from '../file/config-text.ts';

export type PlacedComment = { readonly text: string; readonly start: number; readonly end: number };

/** What stands in the place of a secret. */
export const mask = '••••••••';
/** Marks of the lexer that are not in the text. */
const marks = ['\u0002', '\u0018', '\u001F'];

export function commentsOf({ text, format }: ParsedConfig): readonly PlacedComment[] {
  if (format === 'json') return [];
  const comments: PlacedComment[] = [];
  let start = 0;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (marks.includes(lexeme)) {
      isScalar = lexeme === '\u001F';
      continue;
    }
    const end = start + lexeme.length;
    if (lexeme.startsWith('#') && !isScalar) comments.push({ text: lexeme, start, end });
    isScalar = false;
    start = end;
  }
  return comments;
}

/** Each secret in a comment, and what looks like one, masked. `isAmongSecrets`: it stands in a list of secrets. */
export function maskedComment(
  comment: string,
  { secrets, isAmongSecrets }: { readonly secrets: ReadonlySet<string>; readonly isAmongSecrets: boolean },
): string {
  if (isAmongSecrets && /^#+\s*(?:-|[\w"'-]+\s*:)\s*\S/.test(comment)) return `# ${mask}`;
  let shown = comment;
  for (const secret of secrets) if (secret.length >= 4) shown = shown.replaceAll(secret, mask);
  shown = shown.replace(
    /([\w-]+)(["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,}]+)/g,
    (whole: string, key: string, between: string, value: string) =>
      isSecretKey(key) && !/^["']?\$\{\w+\}["']?$/.test(value) ? `${key}${between}${mask}` : whole,
  );
  shown = redactedText(shown).replaceAll(redacted, mask);
  return shown.replace(/[\w+=-]{16,}/g, (word) => (/\d/.test(word) && /[A-Za-z]/.test(word) ? mask : word));
}
