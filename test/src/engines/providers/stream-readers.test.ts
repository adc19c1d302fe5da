/**
 * The pure readers of streams. Goal: what is read does not depend on how its bytes are split, and no bytes make a reader
 * throw. Method: every stream of the table of oddities, split at every position; generated events.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soundPart } from '../../../../actors/model-calls/sound-part.ts';
import type { EnginePart } from '../../../../actors/ports.ts';
import { AnthropicReader } from '../../../../src/engines/providers/anthropic/anthropic-reader.ts';
import { EventChunks } from '../../../../src/engines/providers/event-chunks.ts';
import type { StreamReader } from '../../../../src/engines/providers/model-format.ts';
import { OpenAiReader } from '../../../../src/engines/providers/openai/openai-reader.ts';
import { AnthropicRepair } from '../../../../src/engines/providers/sdk/anthropic-repair.ts';
import { OpenAiRepair } from '../../../../src/engines/providers/sdk/openai-repair.ts';
import { anthropicRows } from './odd/odd-anthropic-rows.ts';
import { callRows } from './odd/odd-call-rows.ts';
import { openAiRows } from './odd/odd-openai-rows.ts';
import type { OddRow } from './odd/odd-row.ts';
import { shapeRows } from './odd/odd-shape-rows.ts';

const options = { origin: 'a/b', ownName: (name: string) => name };
const readerOf = (type: OddRow['type']): StreamReader =>
  type === 'anthropic' ? new AnthropicReader(options) : new OpenAiReader(options);

/** Texts of one kind that follow each other are one. */
function joined(parts: readonly EnginePart[]): readonly EnginePart[] {
  const all: EnginePart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if ((part.type === 'text' || part.type === 'reasoning') && last?.type === part.type) {
      all[all.length - 1] = { ...part, text: last.text + part.text };
    } else {
      all.push(part);
    }
  }
  return all;
}

function read(type: OddRow['type'], chunks: readonly Uint8Array[]): readonly EnginePart[] {
  const events = new EventChunks();
  const reader = readerOf(type);
  const parts: EnginePart[] = [];
  for (const data of [...chunks.flatMap((chunk) => events.next(chunk)), ...events.rest()]) {
    if (reader.phase() === 'over' || parts.at(-1)?.type === 'error') break;
    parts.push(...reader.read(data));
  }
  return joined(parts.at(-1)?.type === 'error' ? parts : [...parts, ...reader.end()]);
}

const streams = [...openAiRows, ...callRows, ...shapeRows, ...anthropicRows].flatMap((row) =>
  row.answers.slice(0, 1).flatMap(({ status = 200, steps }) => {
    const sent = steps.map((step) =>
      typeof step === 'string' ? '' : step.send.repeat('times' in step ? step.times : 1),
    );
    // Longer ones would be split in too many places.
    return status === 200 && sent.join('').length < 5000
      ? [{ name: row.name, type: row.type, bytes: new TextEncoder().encode(sent.join('')) }]
      : [];
  }),
);

describe('the readers of streams', () => {
  it.each(streams)('[PRV4] read the same however it is split: $name', ({ type, bytes }) => {
    const whole = read(type, [bytes]);
    expect(
      read(
        type,
        [...bytes].map((byte) => Uint8Array.of(byte)),
      ),
    ).toEqual(whole);
    for (let at = 1; at < bytes.length; at++) {
      expect(read(type, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
  });

  it('[PRV4] split no letter, whatever the language', () => {
    const event = `data: ${JSON.stringify({ choices: [{ delta: { content: 'Grüße 👋 สวัสดี 日本' } }] })}\n\ndata: [DONE]\n\n`;
    const bytes = new TextEncoder().encode(event);
    for (let at = 1; at < bytes.length; at++) {
      expect(read(undefined, [bytes.subarray(0, at), bytes.subarray(at)])[0]).toEqual({
        type: 'text',
        text: 'Grüße 👋 สวัสดี 日本',
      });
    }
  });

  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom(null, [], {}, '', -1, 'text'));
  const keys = [
    ...[
      'choices',
      'delta',
      'message',
      'content',
      'tool_calls',
      'function',
      'name',
      'arguments',
      'index',
      'id',
      'usage',
    ],
    ...[
      'finish_reason',
      'reasoning_content',
      'reasoning_details',
      'error',
      'refusal',
      'type',
      'content_block',
      'thinking',
    ],
  ];
  const tree: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      value,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('node'), { maxKeys: 5 }),
    ),
  })).node;
  const types = [
    'message_start',
    'content_block_start',
    'content_block_delta',
    'message_delta',
    'message_stop',
    'error',
  ];
  const data = fc.oneof(
    tree.map((one) => JSON.stringify(one) ?? ''),
    fc
      .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...keys, 'text'), tree, { maxKeys: 4 }))
      .map(([type, rest]) => JSON.stringify({ ...rest, type })),
    fc.string({ maxLength: 20 }),
    fc.constant('[DONE]'),
  );

  it('[PRV4] never throw, and hand over nothing that is not sound', () => {
    fc.assert(
      fc.property(
        fc.array(data, { maxLength: 12 }),
        fc.constantFrom('anthropic', undefined),
        (events, type) => {
          const reader = readerOf(type);
          const parts = [...events.flatMap((one) => reader.read(one)), ...reader.end()];
          for (const part of parts) expect(soundPart(part)).toMatchObject(part);
          expect(['finish', 'error']).toContain(parts.at(-1)?.type);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('[PRV4] the repairs for the SDK never throw, and write events only', () => {
    fc.assert(
      fc.property(fc.array(data, { maxLength: 12 }), fc.boolean(), (events, isAnthropic) => {
        const repair = isAnthropic ? new AnthropicRepair() : new OpenAiRepair();
        const written = [...events.map((one) => repair.event(one)), repair.end()].join('');
        const chunks = new EventChunks();
        for (const one of [...chunks.next(new TextEncoder().encode(written)), ...chunks.rest()]) {
          if (one !== '[DONE]') expect(typeof JSON.parse(one)).toBe('object');
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('[PRV4] nothing behind a finish reason makes a failure of a success', () => {
    const finished = {
      anthropic: '{"type":"message_delta","delta":{"stop_reason":"end_turn"}}',
      openai: '{"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}',
    };
    fc.assert(
      fc.property(
        fc.array(data, { maxLength: 8 }),
        fc.constantFrom('anthropic', undefined),
        (events, type) => {
          const reader = readerOf(type);
          reader.read(type === 'anthropic' ? finished.anthropic : finished.openai);
          const parts = [...events.flatMap((one) => reader.read(one)), ...reader.end()];
          expect(parts.some((part) => part.type === 'error')).toBe(false);
          expect(parts.at(-1)?.type).toBe('finish');
        },
      ),
      { numRuns: 1000 },
    );
  });
});
