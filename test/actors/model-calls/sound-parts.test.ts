/**
 * What an engine hands over at once. Goal: handed over together or one by one, it says the same. Method: generated parts,
 * sound and not.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { soundPart, soundParts } from '../../../actors/model-calls/sound-part.ts';
import type { EnginePart } from '../../../actors/ports.ts';

const part: fc.Arbitrary<EnginePart> = fc.oneof(
  fc.record({ type: fc.constantFrom('text' as const, 'reasoning' as const), text: fc.string() }),
  fc.record({
    type: fc.constant('tool-call' as const),
    modelCallId: fc.string(),
    name: fc.string(),
    argumentsJson: fc.string(),
  }),
  fc.record({ type: fc.constant('finish' as const), reason: fc.constant('stop' as const) }),
);

/** What people get of parts: texts of a kind that follow each other are one. */
function said(parts: readonly EnginePart[]): readonly string[] {
  const words: string[] = [];
  let before = '';
  for (const one of parts) {
    const isText = one.type === 'text' || one.type === 'reasoning';
    if (isText && one.type === before) words.push(`${words.pop() ?? ''}${one.text}`);
    else words.push(isText ? `${one.type}: ${one.text}` : JSON.stringify(one));
    before = one.type;
  }
  return words;
}

it('[PRV4] parts that arrive together say what they say one by one, and follow each other as few texts', () => {
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const together = soundParts(parts);
      expect(said(together)).toEqual(said(parts.flatMap((one) => soundParts(one))));
      for (const [index, one] of together.entries()) {
        const next = together[index + 1];
        if (one.type === 'text' || one.type === 'reasoning') expect(next?.type).not.toBe(one.type);
      }
    }),
  );
});

it('[PRV6] a part that is none costs itself alone, also among others', () => {
  const broken: EnginePart = JSON.parse('{"type":"text","text":17}');
  expect(soundPart(broken)).toBe(undefined);
  expect(soundParts([{ type: 'text', text: 'a' }, broken, { type: 'text', text: 'b' }])).toEqual([
    { type: 'text', text: 'ab' },
  ]);
  expect(soundParts(broken)).toEqual([]);
});
