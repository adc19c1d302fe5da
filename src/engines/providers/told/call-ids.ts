/**
 * Ids of calls as providers are told them: nine letters and digits, which is all that the strictest accept, made from
 * our own ids. The same call has the same id in every request, so that what a provider has cached stays valid.
 */
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const length = 9;
const base = BigInt(digits.length);
const count = base ** BigInt(length);

/** Of one request: no two of its ids are the same. */
export class CallIds {
  readonly #taken = new Set<string>();

  /** The id of the next call whose own id is `id`. */
  next(id: string): string {
    let number = numberOf(id);
    let told = textOf(number);
    while (this.#taken.has(told)) {
      number = (number + 1n) % count;
      told = textOf(number);
    }
    this.#taken.add(told);
    return told;
  }
}

function numberOf(id: string): bigint {
  const hex = id.replaceAll('-', '');
  if (/^[0-9a-f]{1,32}$/i.test(hex)) return BigInt(`0x${hex}`) % count;
  let sum = 0n;
  for (let index = 0; index < id.length; index++) sum = (sum * 131n + BigInt(id.charCodeAt(index))) % count;
  return sum;
}

function textOf(number: bigint): string {
  let text = '';
  let rest = number;
  for (let index = 0; index < length; index++) {
    text = digits.charAt(Number(rest % base)) + text;
    rest /= base;
  }
  return text;
}
