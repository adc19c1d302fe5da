/** Goal: no value can break logging or fill memory. Method: hostile examples, and properties over any value. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../schema/limits.ts';
import { loggableContext } from '../../schema/log-context.ts';

describe('log context', () => {
  it('[LOG4] hides secrets at any depth', () => {
    expect(
      loggableContext({
        headers: [{ 'X-API-Key': 'abc', authorization: ['Basic abc'] }],
        settings: new Map([['password', { nested: 'abc' }]]),
        token: null,
        hasToken: true,
        path: '/config?apiKey=abc',
      }),
    ).toEqual({
      headers: [{ 'X-API-Key': '[redacted]', authorization: '[redacted]' }],
      settings: { password: '[redacted]' },
      token: null,
      hasToken: true,
      path: '/config?apiKey=[redacted]',
    });
  });

  it('[LOG5] shows an error as name, message, stack, code and cause', () => {
    const error = Object.assign(new RangeError('too far', { cause: new Error('why') }), { code: 'E_FAR' });
    expect(loggableContext({ error })).toEqual({
      error: {
        name: 'RangeError',
        message: 'too far',
        stack: expect.stringContaining('RangeError: too far\n    at '),
        code: 'E_FAR',
        cause: { name: 'Error', message: 'why', stack: expect.stringContaining('Error: why') },
      },
    });
  });

  it('[LOG5] shows in words what JSON cannot carry', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const shared = { a: 1 };
    expect(
      loggableContext({
        circle,
        shared: [shared, shared],
        big: 12n,
        nan: Number.NaN,
        symbol: Symbol('s'),
        run: () => 1,
        missing: undefined,
        gap: [undefined],
        date: new Date(0),
        url: new URL('http://a:b@c/'),
        bytes: Buffer.from('abc'),
        set: new Set([1]),
        get throws() {
          throw new Error('no');
        },
        toJson: {
          toJSON() {
            throw new Error('never');
          },
        },
        trap: new Proxy(
          {},
          {
            ownKeys() {
              throw new Proxy(new Error(), {
                get() {
                  throw new Error('worse');
                },
              });
            },
          },
        ),
      }),
    ).toEqual({
      circle: { self: '[circular]' },
      shared: [{ a: 1 }, { a: 1 }],
      big: '12n',
      nan: 'NaN',
      symbol: 'Symbol(s)',
      run: '[function]',
      gap: [null],
      date: '1970-01-01T00:00:00.000Z',
      url: 'http://a:[redacted]@c/',
      bytes: '[3 bytes]',
      set: [1],
      throws: '[unreadable: no]',
      toJson: '[unreadable: never]',
      trap: '[unreadable: no reason given]',
    });
  });

  it('[LOG5] has no context for nothing, and a `value` for what is not an object', () => {
    expect(loggableContext(undefined)).toBeUndefined();
    expect(loggableContext({})).toBeUndefined();
    expect(loggableContext({ a: undefined })).toBeUndefined();
    expect(loggableContext([1])).toEqual({ value: [1] });
    expect(loggableContext('x')).toEqual({ value: 'x' });
  });

  it('[LOG6] leaves out what is long, wide or deep, with a note', () => {
    const wide = loggableContext({ list: Array.from({ length: 60 }, () => 1) });
    expect(wide?.['list']).toHaveLength(51);
    expect(JSON.stringify(wide)).toContain('10 more left out');
    let deep: unknown = 1;
    for (let level = 0; level < 50; level++) deep = { deep };
    expect(JSON.stringify(loggableContext({ deep }))).toContain('[deeper values left out]');
    const long = loggableContext({ a: 'x'.repeat(100_000), b: 1 });
    expect(long?.['a']).toMatch(/^x+…$/);
    expect(long).toMatchObject({ '…': '1 more left out' });
  });

  it('[LOG5] [LOG6] never throws and stays bounded, whatever the value', () => {
    const hostile = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
      withObjectString: true,
      maxDepth: 8,
      stringUnit: 'binary',
    });
    fc.assert(
      fc.property(fc.oneof(hostile, fc.array(hostile, { maxLength: 100 })), (value) => {
        // Without a value there is no context.
        const json = JSON.stringify(loggableContext({ value }) ?? null);
        expect(JSON.stringify(JSON.parse(json))).toBe(json);
        expect(json.isWellFormed()).toBe(true);
        expect(json.length).toBeLessThan((limits.logContextUnitsMax + 500) * 6);
      }),
    );
  });

  it('[LOG6] bounds a tree that fans out', () => {
    const tree = (depth: number): unknown =>
      depth === 0 ? 'leaf' : Array.from({ length: 12 }, () => tree(depth - 1));
    expect(JSON.stringify(loggableContext({ tree: tree(5) })).length).toBeLessThan(
      limits.logContextUnitsMax + 500,
    );
  });
});
