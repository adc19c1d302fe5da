import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDirectives } from '../../../src/engines/directives.ts';

describe('directives', () => {
  it('[REH4] reads every directive of the example', () => {
    expect(
      readDirectives('Go [[tokens=400 delay=5 tool=clock args={"timeZone": "UTC"} think=3 fail=500]] now'),
    ).toEqual({
      tokens: 400,
      delayMs: 5,
      think: 3,
      flaky: 0,
      toolCalls: [{ name: 'clock', argumentsJson: '{"timeZone": "UTC"}' }],
      failure: { when: 'first', status: 500 },
      problems: [],
      plain: 'Go   now',
      present: true,
    });
  });

  it('[REH4] reads braces, brackets, quotes and escapes inside arguments', () => {
    const args = '{"a": {"b": ["]]", "}", "\\"}{", "[["]}, "c": "\\\\"}';
    const { toolCalls, tokens, problems } = readDirectives(`[[tool=x args=${args} tokens=3]]`);
    expect(toolCalls).toEqual([{ name: 'x', argumentsJson: args }]);
    expect(tokens).toBe(3);
    expect(problems).toEqual([]);
  });

  it('[REH4] reads back any arguments it was given, on any number of tools and blocks', () => {
    const calls = fc.array(
      fc.tuple(fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/), fc.dictionary(fc.string(), fc.jsonValue())),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(calls, fc.boolean(), (wanted, separate) => {
        const written = wanted.map(([name, args]) => `tool=${name} args=${JSON.stringify(args)}`);
        const text = separate
          ? written.map((pair) => `[[${pair}]]`).join(' and ')
          : `[[${written.join('\n')}]]`;
        expect(readDirectives(text).problems).toEqual([]);
        expect(readDirectives(text).toolCalls).toEqual(
          wanted.map(([name, args]) => ({ name, argumentsJson: JSON.stringify(args) })),
        );
      }),
    );
  });

  it('[REH4] never throws and never keeps a value out of range, whatever the text', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          '[[',
          ']]',
          '[',
          ']',
          '{',
          '}',
          '"',
          '\\',
          '=',
          ' ',
          '`',
          '__proto__=1',
          'tool=a',
          'args=',
        ),
        fc.constantFrom(
          'tokens=9',
          'tokens=-1',
          'tokens=1e9',
          'delay=',
          'fail=mid',
          'fail=200',
          'think=9999',
        ),
        fc.string({ unit: 'binary', maxLength: 4 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(pieces, (words) => {
        const read = readDirectives(words.join(''));
        expect(read.tokens ?? 0).toBeLessThanOrEqual(100_000);
        expect(read.think).toBeLessThanOrEqual(1000);
        for (const problem of read.problems) expect(problem.isWellFormed()).toBe(true);
      }),
    );
  });

  it('[REH4] scans hostile text in linear time', () => {
    for (const piece of ['[[', '[[a={', '[[a={"', '[[a=b', ']]', '[[x ', '[[a={}']) {
      const started = process.cpuUsage();
      readDirectives(piece.repeat(10_000));
      // CPU time, in µs: others may use the machine.
      expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
    }
  });

  it.each([
    [
      '[[colour=red]]',
      '`colour=red` is not a directive; there are tokens, delay, tool, args, think, fail, flaky, finish',
    ],
    ['[[hello]]', '`hello` is not of the form key=value'],
    ['[[tokens=many]]', '`tokens=many` is not a whole number from 0 to 100000'],
    ['[[tokens=100001]]', '`tokens=100001` is not a whole number from 0 to 100000'],
    ['[[tokens=]]', '`tokens=` is not a whole number from 0 to 100000'],
    ['[[delay=-5]]', '`delay=-5` is not a whole number from 0 to 60000'],
    ['[[fail=200]]', '`fail=200` is not a whole number from 400 to 599, or mid'],
    ['[[think=1.5]]', '`think=1.5` is not a whole number from 0 to 1000'],
    ['[[tool=]]', '`tool=` is not the name of a tool'],
    ['[[args={}]]', '`args={}` comes before any tool='],
    ['[[tokens=3', 'a `[[` is never closed by `]]`'],
    ['[[tool=x args={"a": 1]]', 'the braces of `args=` are not balanced'],
    ['[[tokens=1 tokens=2]]', '`tokens=2` is given twice'],
    ['[[fail=500 fail=mid]]', '`fail=mid` is given twice'],
  ])('[REH3] says what is wrong in %s', (text, problem) => {
    expect(readDirectives(text).problems).toEqual([problem]);
  });

  it('[REH3] leaves out what is wrong and keeps the rest', () => {
    const read = readDirectives('[[tokens=x tool=a args={oops} tool=b delay=4]]');
    expect(read.toolCalls).toEqual([{ name: 'b', argumentsJson: '{}' }]);
    expect(read.delayMs).toBe(4);
    expect(read.tokens).toBeUndefined();
    expect(read.problems).toHaveLength(2);
  });

  it('[REH3] finds nothing wrong with text that has no directives', () => {
    expect(readDirectives('a [b] ]] c')).toEqual({
      think: 0,
      flaky: 0,
      toolCalls: [],
      problems: [],
      plain: 'a [b] ]] c',
      present: false,
    });
  });
});
