/** Numbers keep their digits. Method: properties over JSON text that is written by hand, digit by digit. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, roundedNumbers } from '../../../../src/tools/mcp/exact-json.ts';
import { exactMarks } from '../../../../src/tools/mcp/exact-marks.ts';

const digits = fc.stringMatching(/^(?:0|[1-9][0-9]{0,40})$/);
const numberText = fc
  .tuple(
    fc.boolean(),
    digits,
    fc.option(fc.stringMatching(/^[0-9]{1,30}$/), { nil: null }),
    fc.option(fc.integer({ min: -400, max: 400 }), { nil: null }),
  )
  .map(
    ([isNegative, whole, fraction, exponent]) =>
      `${isNegative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
  );

/** A number as sign, digits without zeros at the ends, and the place of the point. */
function exactValue(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const all = whole + fraction;
  const significant = all.replace(/^0+/, '').replace(/0+$/, '');
  if (significant === '') return '0';
  const trailing = all.length - all.replace(/0+$/, '').length;
  return `${sign}${significant}e${Number(exponent) - fraction.length + trailing}`;
}

describe('exact JSON', () => {
  it('[MCP4] a number that is read and written again is the same number', () => {
    fc.assert(
      fc.property(numberText, (text) => {
        const written = JSON.stringify(parseExact(`{"a":[${text}],"b":${text}}`));
        const [one = '', other = ''] = written.match(/-?[0-9][0-9.eE+-]*/g) ?? [];
        expect([exactValue(one), exactValue(other)]).toEqual([exactValue(text), exactValue(text)]);
      }),
    );
  });

  it('[MCP4] everything else is read as ever, and can be rounded', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(roundedNumbers(parseExact(text))).toEqual(JSON.parse(text));
      }),
    );
    expect(roundedNumbers(parseExact('{"a":[12345678901234567890]}'))).toEqual({ a: [12345678901234567000] });
  });

  it('[MCP4] a parser that rounds cannot touch a number that is marked', () => {
    const marks = exactMarks();
    fc.assert(
      fc.property(numberText, fc.jsonValue(), (text, beside) => {
        const message = { jsonrpc: '2.0' as const, id: 1, result: { n: parseExact(`[${text}]`), beside } };
        const passed = marks.restored(JSON.parse(marks.marked(message)));
        expect(JSON.stringify(passed)).toBe(JSON.stringify(message));
      }),
    );
  });
});
