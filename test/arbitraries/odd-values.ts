/** Values that tools may return: anything at all, including everything that breaks serialising. */
import fc from 'fast-check';
import { anyText } from './texts.ts';

function throwing(): never {
  throw new Error('no');
}

const hostile = (text: string): readonly unknown[] => {
  const cycle: Record<string, unknown> = { text };
  cycle['self'] = [cycle];
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  return [
    cycle,
    { big: 1n },
    { toJSON: throwing },
    { toJSON: () => undefined },
    { toJSON: () => text },
    { toJSON: () => 1n, toString: () => text },
    { toJSON: throwing, toString: throwing },
    { toJSON: throwing, [Symbol.toPrimitive]: () => Symbol(text) },
    Object.defineProperty({}, text, { enumerable: true, get: throwing }),
    Object.create(null),
    Object.assign(Object.create(null), { big: 1n }),
    JSON.parse('{"__proto__":{"a":1},"constructor":2}'),
    new Proxy({}, { ownKeys: throwing, get: throwing }),
    new Proxy([], {}),
    revoked.proxy,
    Symbol(text),
    Symbol.iterator,
    () => text,
    class Named {},
    throwing,
    [undefined, () => text, Symbol(text)],
    new Map([[text, text]]),
    new Date(Number.NaN),
    Number.NaN,
    Number.NEGATIVE_INFINITY,
    -0,
    123n,
    new Error(text),
    new String(text),
    Object(1n),
    nested(10_000),
    wrappedAround(text),
    text.repeat(100_000),
    Array.from({ length: 20_000 }, () => text),
    { toJSON: () => cycle },
    { toJSON: () => '\ud83d'.repeat(2001) },
    { __proto__: { toJSON: throwing } },
    Object.defineProperty([], 0, { enumerable: true, get: throwing }),
    new Proxy([], { get: throwing, getPrototypeOf: throwing }),
    new Proxy({}, { ownKeys: () => ['a', 'a'] }),
    new Proxy(() => text, { apply: throwing, get: throwing }),
    Object.assign(new Error(text), { toString: throwing, cause: cycle }),
    new (class extends Date {
      override toJSON = throwing;
    })(0),
    new Uint8Array(5000),
    new ArrayBuffer(8),
    new WeakMap(),
    Promise.resolve(text),
    globalThis,
  ];
};

/** Deep enough that serialising runs out of stack. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** A cycle that serialising finds late, because there is so much before it. */
function wrappedAround(text: string): unknown {
  const outer: Record<string, unknown> = { first: Array.from({ length: 500 }, () => text) };
  outer['last'] = { outer };
  return outer;
}

/** Boxed, because fast-check inspects the values that it generates, and a revoked proxy does not allow that. */
export type Odd = { readonly value: unknown };

export const oddValue: fc.Arbitrary<Odd> = fc.oneof(
  { weight: 2, arbitrary: anyText.map((value) => ({ value })) },
  {
    weight: 2,
    arbitrary: fc
      .anything({
        withBigInt: true,
        withBoxedValues: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withObjectString: true,
        withSet: true,
        withSparseArray: true,
        withTypedArray: true,
      })
      .map((value) => ({ value })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(anyText, fc.nat(200)).map(([text, which]) => {
      const list = hostile(text);
      return { value: list[which % list.length] };
    }),
  },
);
