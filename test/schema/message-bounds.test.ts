/** How long messages may be: what the schemas allow on every server, and what the settings allow on this one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChatMessageSchema, editMessageSchema, type GivenPart } from '../../schema/create-message.ts';
import { isJsonValue } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { clientFrameBytesMax, lengthErrors, messageBytesMax } from '../../schema/message-bounds.ts';
import { validationErrors } from '../../schema/validation.ts';

const bounds = { contentCharactersMax: 5, messageCharactersMax: 8 };

function errorsOf(body: unknown): unknown {
  const parsed = createChatMessageSchema.safeParse(body);
  return parsed.success ? 'none' : validationErrors(parsed.error);
}

describe('the length of a message', () => {
  it('[TREE46] is measured by the settings, in characters, with the words of the schemas', () => {
    expect(lengthErrors({ content: '🎭'.repeat(5) }, bounds)).toEqual([]);
    expect(lengthErrors({ content: '🎭'.repeat(6) }, bounds)).toEqual([
      {
        property: 'content',
        constraints: { maxLength: 'content must be shorter than or equal to 5 characters' },
      },
    ]);
    expect(lengthErrors({ content: 'sixsix' }, bounds, ['message'])).toEqual([
      {
        property: 'message.content',
        constraints: { maxLength: 'message.content must be shorter than or equal to 5 characters' },
      },
    ]);
  });

  it('[TREE46] is that of all parts together, data as its JSON text', () => {
    const text = { type: 'text', text: 'abc' } as const;
    const source = { type: 'source', url: 'u:', title: 't' } as const;
    const data = { type: 'data', name: 'n', data: [1] } satisfies GivenPart;
    expect(lengthErrors({ parts: [text, source] }, bounds)).toEqual([]);
    expect(lengthErrors({ parts: [text, data] }, bounds)).toEqual([]);
    expect(lengthErrors({ parts: [text, source, text] }, bounds)).toEqual([
      {
        property: 'parts',
        constraints: { maxLength: 'parts must be shorter than or equal to 8 characters' },
      },
    ]);
  });

  it('[TREE46] decides how many bytes a request and a frame may have', () => {
    fc.assert(
      fc.property(
        fc.nat(limits.messageCharactersLegalMax),
        fc.nat(limits.messageCharactersLegalMax),
        (one, other) => {
          const given = { contentCharactersMax: one, messageCharactersMax: other };
          const longest = Math.max(one, other) * '\\ud83c\\udf89'.length;
          expect(messageBytesMax(given)).toBeGreaterThan(longest + limits.systemPromptCharactersMax * 12);
          expect(clientFrameBytesMax(given)).toBeGreaterThanOrEqual(messageBytesMax(given));
          expect(clientFrameBytesMax(given)).toBeGreaterThanOrEqual(limits.bodyBytesMax);
        },
      ),
    );
  });
});

describe('what a client says', () => {
  const text = { type: 'text', text: 'Hi' };

  it('[TREE47] is content or parts, never both', () => {
    for (const schema of [createChatMessageSchema, editMessageSchema]) {
      expect(schema.safeParse({ content: 'Hi' }).success).toBe(true);
      expect(schema.safeParse({ parts: [text] }).success).toBe(true);
      expect(schema.safeParse({}).success).toBe(false);
    }
    expect(errorsOf({ content: 'Hi', parts: [text] })).toEqual([
      { property: 'parts', constraints: { contentOrParts: 'parts must not be given together with content' } },
    ]);
    expect(errorsOf({})).toEqual([
      { property: 'content', constraints: { isString: 'content must be a string' } },
    ]);
  });

  it('[TREE47] has at least one part, and not too many', () => {
    const parts = (count: number) => ({ parts: Array.from({ length: count }, () => text) });
    expect(
      [0, 1, limits.messagePartsMax, limits.messagePartsMax + 1].map((count) => errorsOf(parts(count))),
    ).toEqual([
      [expect.objectContaining({ property: 'parts' })],
      'none',
      'none',
      [expect.objectContaining({ property: 'parts' })],
    ]);
  });

  it.each([
    { type: 'text', text: '' },
    { type: 'text', text: 1 },
    { type: 'text', text: 'a\0' },
    { type: 'reasoning', text: 'Hm' },
    { type: 'tool-call', callId: 'x', name: 'y' },
    { type: 'step', step: 1 },
    { type: 'file', fileId: 'no id' },
    { type: 'source', url: '' },
    { type: 'data', name: '', data: 1 },
    { type: 'data', name: 'n' },
    { type: 'picture' },
    'text',
    null,
  ])('[TREE47] refuses the part %j', (part) => {
    expect(errorsOf({ parts: [text, part] })).toEqual([
      expect.objectContaining({ property: expect.stringMatching(/^parts\.1/) }),
    ]);
  });

  it('[TREE47] refuses data that is nested too deeply, however deeply', () => {
    const nested = (depth: number) => JSON.parse('[['.repeat(depth / 2) + ']]'.repeat(depth / 2));
    const said = (depth: number) => errorsOf({ parts: [{ type: 'data', name: 'n', data: nested(depth) }] });
    expect(said(limits.partDataDepthMax)).toBe('none');
    for (const depth of [limits.partDataDepthMax + 2, 1_000_000]) {
      expect(said(depth)).toEqual([
        {
          property: 'parts.0.data',
          constraints: { isShallowJson: 'parts.0.data must be JSON that is not nested too deeply' },
        },
      ]);
    }
  });

  it('[TREE47] keeps data as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const json: unknown = JSON.parse(JSON.stringify(data));
        expect(isJsonValue(json, limits.partDataDepthMax)).toBe(true);
        const parsed = createChatMessageSchema.parse({ parts: [{ type: 'data', name: 'n', data: json }] });
        expect(parsed.parts).toEqual([{ type: 'data', name: 'n', data: json }]);
      }),
    );
    for (const odd of [undefined, Number.NaN, () => 1, Symbol('x'), [undefined], { a: 1n }]) {
      expect(isJsonValue(odd, 9)).toBe(false);
    }
  });
});
