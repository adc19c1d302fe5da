/** Why there was no answer over HTTP, in words that lead to the cause. */
import { isObject, quoted } from './told-value.ts';

/** No answer came at all. `fetch` itself only says that it failed. */
export function networkWords(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  const all = inner instanceof AggregateError && inner.errors.length > 0 ? inner.errors : [inner];
  const words = all.map((each: unknown) => (each instanceof Error ? each.message : String(each)));
  return `it cannot be reached: ${[...new Set(words)].join('; ')}`;
}

export type AnswerHead = {
  readonly status: number;
  readonly statusText: string;
  /** The `Content-Type`; empty: none. */
  readonly type: string;
};

/** An answer came that is none. `text` is its body; `null`: it was too long to be read. */
export function answerWords({ status: code, statusText, type }: AnswerHead, text: string | null): string {
  const status = `HTTP ${code}${statusText === '' ? '' : ` ${statusText}`}`;
  if (text === null) return `${status} with an answer that is too long`;
  if (type.includes('text/html') || /^\s*<(?:!doctype html|html)\b/i.test(text)) {
    const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1]?.trim() ?? '';
    return `${status} with an HTML page${title === '' ? '' : ` titled ${quoted(title)}`}, not with a message`;
  }
  const words = bodyWords(text);
  return `${status}${words === '' ? ' with nothing in it' : `: ${words}`}`;
}

/** Errors come as `{error: "…"}`, `{error: {message}}`, `{message}`, `{detail}`, or as text. */
function bodyWords(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return quoted(text.trim());
  }
  for (let depth = 0; depth < 3 && isObject(value); depth++) {
    const inner: unknown =
      value['error_description'] ?? value['error'] ?? value['message'] ?? value['detail'];
    if (inner === undefined || inner === null) break;
    value = inner;
  }
  return quoted(value);
}
