/** Values that tools may hand back: anything at all, in every way that breaks serialising. */
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
  ];
};

/** Deep enough that serialising runs out of stack. */
function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** Boxed, because fast-check looks at what it generates, and a revoked proxy does not let it. */
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
