/**
 * JSON whose numbers keep every digit. A JavaScript number holds integers up to 2^53; ids of 64 bits are longer, and
 * `JSON.parse` rounds them without a word. Here a number that a JavaScript number cannot hold becomes an
 * {@link ExactNumber}, which `JSON.stringify` writes digit by digit as it came.
 */

/** A frozen object that stands for a number; `JSON.stringify` writes `rawJSON`. */
export type ExactNumber = { readonly rawJSON: string };

declare global {
  // The names are the runtime's; the compiler's library does not know them yet.
  interface JSON {
    rawJSON(text: string): ExactNumber;
    isRawJSON(value: unknown): value is ExactNumber;
    parse(
      text: string,
      reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

/** Throws what `JSON.parse` throws, and a `RangeError` for text that is nested thousands of levels deep. */
export function parseExact(text: string): unknown {
  // Only long numbers and large exponents can be inexact; looking at each value costs five times as much.
  if (!/\d{16}|[\d.]{17}|[eE][+-]?\d{3}/.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isExact(value, source)
      ? JSON.rawJSON(source)
      : value,
  );
}

/** The same value with JavaScript numbers only, rounded where they have to be. */
export function roundedNumbers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (JSON.isRawJSON(value)) return Number(value.rawJSON);
  if (Array.isArray(value)) return value.map(roundedNumbers);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundedNumbers(inner)]));
}

function isExact(value: number, source: string): boolean {
  if (String(value) === source) return true;
  const digits = source.replace(/[eE].*$/, '').replace(/^-?[0.]*|\./g, '');
  // A number without any digit but 0 is 0; otherwise the exponent has to be one that it can have.
  return (
    digits === '' ||
    (digits.length <= exactDigits && Number.isFinite(value) && Math.abs(value) >= smallestExact)
  );
}

/** Any decimal number with so many digits comes back as it was. */
const exactDigits = 15;
/** Nearer to 0 a number has fewer digits. */
const smallestExact = 2 ** -1022;
