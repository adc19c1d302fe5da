/** Goal: the rehearsal engine is deterministic, exact and abortable. Method: a clock moved by hand; properties. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EnginePart, EngineRequest, EngineToolResult } from '../../../actors/ports.ts';
import type { FileId, ToolCallId } from '../../../schema/ids.ts';
import { createRehearsalEngine } from '../../../src/engines/rehearsal-engine.ts';
import { createClockTool } from '../../../src/tools/clock-tool.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';
import { toolRun } from '../../fakes/tool-run.ts';
import { countOf, partsOf, requestOf, textOf } from './engine-requests.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';

function engineAt(clock: ManualClock, options: { tokens?: number; delayMs?: number } = {}) {
  return createRehearsalEngine({ clock, delayMs: 0, ...options });
}

async function answer(
  content: string,
  later: { readonly step?: number; readonly toolResults?: readonly EngineToolResult[] } = {},
  options: { tokens?: number; delayMs?: number } = {},
): Promise<readonly EnginePart[]> {
  const clock = createManualClock();
  return (await partsOf(engineAt(clock, options), requestOf(content, later), clock)).parts;
}

const toolResult = (result: string, failed = false): EngineToolResult => ({
  modelCallId: 'call_1',
  name: 'clock',
  argumentsJson: '{}',
  result,
  failed,
});

const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const directiveLikeText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '[[',
        ']]',
        'tokens=',
        'tool=',
        'args=',
        '{',
        '}',
        '"',
        '\\',
        ' ',
        'fail=mid',
        'a=1',
        '3',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 30 },
  )
  .map((words) => words.join(''));

describe('the rehearsal engine', () => {
  it('[REH1] gives the same parts for the same request, whatever the request', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(anyText, directiveLikeText),
        fc.integer({ min: 1, max: 3 }),
        async (text, step) => {
          const later = { step, toolResults: step > 1 ? [toolResult(text)] : [] };
          const first = await answer(text, later, { tokens: 20 });
          expect(await answer(text, later, { tokens: 20 })).toEqual(first);
          const last = first.at(-1)?.type;
          expect(last === 'finish' || last === 'error').toBe(true);
          expect(countOf(first, 'finish') + countOf(first, 'error')).toBe(1);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('[REH1] gives different texts for different prompts', async () => {
    expect(textOf(await answer('Tell me about sailing'))).not.toBe(
      textOf(await answer('Tell me about cooking')),
    );
  });

  it('[REH1] gives the same text whatever the delay', async () => {
    const fast = await answer('[[tokens=150 delay=0]] Why?');
    expect(await answer('[[delay=7 tokens=150]] Why?')).toEqual(fast);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 50 }), anyText, async (delayMs, text) => {
        expect(textOf(await answer(text, {}, { delayMs, tokens: 9 }))).toBe(
          textOf(await answer(text, {}, { tokens: 9 })),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('[REH2] makes exactly the number of pieces asked for, none of them empty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 600 }), fc.lorem(), async (tokens, words) => {
        const parts = await answer(`[[tokens=${tokens}]] ${words}`);
        expect(countOf(parts, 'text')).toBe(tokens);
        expect(parts.every((part) => part.type !== 'text' || part.text.length > 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(countOf(await answer('Hello there'), 'text')).toBe(60);
    expect(countOf(await answer('Hello there', {}, { tokens: 7 }), 'text')).toBe(7);
  });

  it('[REH2] never loses what it must say first', async () => {
    const text = '[[tokens=4 colour=red]]';
    const whole = textOf(await answer(text.replace('4', '200')));
    const short = await answer(text);
    expect(countOf(short, 'text')).toBe(4);
    expect(textOf(short)).toContain('`colour=red` is not a directive');
    expect(whole.startsWith(textOf(short))).toBe(true);
    const none = await answer(text.replace('4', '0'));
    expect(countOf(none, 'text')).toBe(1);
    expect(textOf(none)).toBe(textOf(short));
  });

  it('[REH3] says how many mistakes it does not list', async () => {
    const parts = await answer('[[a=1 b=2 c=3 d=4 e=5 f=6 g=7]]');
    expect(textOf(parts)).toContain('`e=5` is not a directive');
    expect(textOf(parts)).not.toContain('f=6');
    expect(textOf(parts)).toContain('2 more mistakes are not listed.');
  });

  it('[REH10] fails as often as it is told before it succeeds, in a way that may pass', async () => {
    const clock = createManualClock();
    const attempt = async (count: number) => {
      const request = { ...requestOf('[[flaky=2 tokens=3 delay=0]]'), attempt: count };
      return (await partsOf(engineAt(clock), request, clock)).parts;
    };
    for (const count of [1, 2])
      expect(await attempt(count)).toMatchObject([{ type: 'error', code: 'overloaded' }]);
    expect(countOf(await attempt(3), 'text')).toBe(3);
  });

  it('[REH11] ends for the reason that it is told', async () => {
    expect((await answer('[[finish=length tokens=2]]')).at(-1)).toEqual({ type: 'finish', reason: 'length' });
    expect(textOf(await answer('[[finish=never]]'))).toContain(
      '`finish=never` is not length or content-filter',
    );
    expect(textOf(await answer('[[finish=length finish=length]]'))).toContain('given twice');
  });

  it('[REH5] asks the clock for the time and answers from its reading', async () => {
    const question = 'What time is it?';
    const first = await answer(question);
    expect(first).toEqual([
      { type: 'tool-call', modelCallId: 'call_1', name: 'clock', argumentsJson: '{}' },
      { type: 'finish', reason: 'tool-calls' },
    ]);
    const reading = await createClockTool(createManualClock()).run({}, toolRun());
    const result = JSON.stringify(reading.ok ? reading.value : undefined);
    const second = await answer(question, { step: 2, toolResults: [toolResult(result)] });
    expect(textOf(second)).toBe('It is 12:34:56 UTC on Monday, 23 November 2026.');
    expect(countOf(second, 'text')).toBeGreaterThan(5);
    expect(second.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
  });

  it('[REH5] passes on the zone that the question names', async () => {
    const [call] = await answer('what is the time in America/Argentina/Buenos_Aires?');
    expect(call).toMatchObject({ argumentsJson: '{"timeZone":"America/Argentina/Buenos_Aires"}' });
    const reading =
      '{"iso":"2026-11-23T12:34:56.000Z","timeZone":"Europe/Berlin","local":"2026-11-23T13:34:56+01:00"}';
    const parts = await answer('the time in Europe/Berlin, what time is it?', {
      step: 2,
      toolResults: [toolResult(reading)],
    });
    expect(textOf(parts)).toBe('It is 13:34:56 in Europe/Berlin on Monday, 23 November 2026.');
  });

  it('[REH12] says what it was given of files, those of tools as well', async () => {
    const clock = createManualClock();
    const file = (name: string, bytes: number) => ({
      ...{ fileId: idOf<FileId>(idKinds.file, bytes), name, mediaType: 'image/png', bytes, offset: 0 },
    });
    const request: EngineRequest = {
      ...requestOf('Look [[tokens=30]]', { step: 2 }),
      conversation: [
        { role: 'user', content: 'Before', attachments: [file('old.png', 1)] },
        { role: 'user', content: 'Look', attachments: [file('a`b.png', 12)] },
        { role: 'assistant', content: 'Hm', toolCalls: [] },
        {
          ...{ role: 'tool', callId: idOf<ToolCallId>(idKinds.call, 1), name: 'camera', content: 'taken' },
          ...{ failed: false, attachments: [file('shot.png', 7)] },
        },
      ],
    };
    const { parts } = await partsOf(engineAt(clock), request, clock);
    expect(textOf(parts)).toMatch(
      /^I was given the file `a'b.png` \(image\/png, 12 bytes\). I was given the file `shot.png` \(image\/png, 7 bytes\)./,
    );
    expect(textOf(parts)).not.toContain('old.png');
  });

  it('[REH6] begins with a sentence on each result, whatever the result', async () => {
    const toolResults = [toolResult('{"sum":3}'), toolResult('out of `ink`', true)];
    const parts = await answer('[[tool=add tool=print tokens=40]]', { step: 2, toolResults });
    expect(textOf(parts)).toMatch(/^`clock` answered: `\{"sum":3\}`\. `clock` failed: `out of 'ink'`\.\n\n/);
    await fc.assert(
      fc.asyncProperty(anyText, fc.boolean(), async (result, failed) => {
        const answered = await answer('What time is it?', {
          step: 2,
          toolResults: [toolResult(result, failed)],
        });
        expect(textOf(answered)).toContain(failed ? '`clock` failed' : '`clock` answered');
        expect(textOf(answered).isWellFormed()).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('[REH7] sends the first part at once and the others one delay apart', async () => {
    const clock = createManualClock(0);
    const { at } = await partsOf(engineAt(clock, { delayMs: 20, tokens: 5 }), requestOf('Hi'), clock);
    expect(at).toEqual([0, 20, 40, 60, 80, 100]);
  });

  it('[REH7] does not stretch a pause when the clock steps back', async () => {
    const clock = createManualClock(1_000_000);
    const stream = engineAt(clock, { delayMs: 20 }).stream(requestOf('Hi'), new AbortController().signal);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    clock.step(-500_000);
    const next = iterator.next();
    clock.runNext();
    expect((await next).done).toBe(false);
    expect(clock.now()).toBe(500_020);
  });

  it('[REH7] does not burst after a slow reader', async () => {
    const clock = createManualClock(0);
    const stream = engineAt(clock, { delayMs: 20 }).stream(requestOf('Hi'), new AbortController().signal);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    clock.step(60_000);
    let atOnce = 0;
    for (; ; atOnce++) {
      const next = iterator.next();
      await new Promise((resolve) => setImmediate(resolve));
      if (clock.pending() > 0) break;
      await next;
    }
    expect(atOnce).toBe(11);
  });

  it('[REH7] ends without another part when aborted, during a delay and without one', async () => {
    for (const delayMs of [60_000, 0]) {
      const clock = createManualClock();
      const abort = new AbortController();
      const iterator = engineAt(clock, { delayMs, tokens: 100_000 })
        .stream(requestOf('Hi'), abort.signal)
        [Symbol.asyncIterator]();
      await iterator.next();
      const pending = delayMs > 0 ? iterator.next() : undefined;
      abort.abort();
      expect((await (pending ?? iterator.next())).done).toBe(true);
      expect(clock.pending()).toBe(0);
    }
    const iterator = engineAt(createManualClock())
      .stream(requestOf('Hi'), AbortSignal.abort())
      [Symbol.asyncIterator]();
    expect((await iterator.next()).done).toBe(true);
  });

  it('[REH7] lets the event loop turn while it sends without a delay', async () => {
    const clock = createManualClock();
    let turns = 0;
    let running = true;
    const count = () => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    const abort = new AbortController();
    for await (const _part of engineAt(clock, { tokens: 1000 }).stream(requestOf('Hi'), abort.signal));
    running = false;
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('[REH13] calls no tools where none are offered, and answers at once', async () => {
    for (const content of ['What time is it?', 'Hello [[tool=clock tokens=3]]']) {
      const clock = createManualClock();
      const { parts } = await partsOf(engineAt(clock), requestOf(content, { tools: [] }), clock);
      expect(parts.filter(({ type }) => type === 'tool-call')).toEqual([]);
      expect(textOf(parts)).not.toBe('');
      expect(parts.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
    }
  });

  it('[REH8] reasons and calls tools first, then answers', async () => {
    const message = '[[think=3 tokens=5 tool=clock args={"timeZone":"UTC"} tool=adder args={"a":[1, 2]}]]';
    expect((await answer(message)).map((part) => part.type)).toEqual([
      'reasoning',
      'reasoning',
      'reasoning',
      'tool-call',
      'tool-call',
      'finish',
    ]);
    expect((await answer(message)).filter((part) => part.type === 'tool-call')).toEqual([
      { type: 'tool-call', modelCallId: 'call_1', name: 'clock', argumentsJson: '{"timeZone":"UTC"}' },
      { type: 'tool-call', modelCallId: 'call_2', name: 'adder', argumentsJson: '{"a":[1, 2]}' },
    ]);
    const second = await answer(message, { step: 2 });
    expect(second.map((part) => part.type)).toEqual([...Array(5).fill('text'), 'finish']);
    expect((await answer('[[think=2 tokens=1]]')).map((part) => part.type)).toEqual([
      'reasoning',
      'reasoning',
      'text',
      'finish',
    ]);
  });

  it('[REH8] fails before the first token, or half-way', async () => {
    expect(await answer('[[fail=503 think=2 tokens=9]]')).toEqual([
      { type: 'error', message: 'Rehearsed failure with status 503' },
    ]);
    const mid = await answer('[[fail=mid tokens=9]]');
    expect(mid.map((part) => part.type)).toEqual(['text', 'text', 'text', 'text', 'error']);
    const tool = '[[tool=clock fail=500]]';
    expect((await answer(tool)).map((part) => part.type)).toEqual(['tool-call', 'finish']);
    expect((await answer(tool, { step: 2 })).map((part) => part.type)).toEqual(['error']);
  });
});
