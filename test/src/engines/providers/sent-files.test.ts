/**
 * Files in the requests to providers. Goal: exactly the bytes that were stored arrive, in the shape of each format, where
 * they stand in the text; what is gone or no text is told in words. Method: a provider over real HTTP that records its
 * requests, for every format through both adapters.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EngineRequest, ModelMessage } from '../../../../actors/ports.ts';
import type { Attachment } from '../../../../schema/attachment.ts';
import type { FileId } from '../../../../schema/ids.ts';
import { idKinds, idOf } from '../../../arbitraries/ids.ts';
import { type MemoryFileStore, memoryFileStore } from '../../../fakes/memory-file-store.ts';
import { anthropicAnswer } from '../../../fakes/providers/anthropic-stream.ts';
import { openAiAnswer } from '../../../fakes/providers/openai-stream.ts';
import { startProvider } from '../../../fakes/providers/scripted-provider.ts';
import { type adapters, callIdOf, engineAt, modelRequest, partsOf, routes } from './model-call.ts';

type Format = (typeof routes)[number][0];
type Adapter = (typeof adapters)[number];

const png = { name: 'cat.png', mediaType: 'image/png', bytes: Buffer.from('89504e470d0a1a0a00ff10', 'hex') };
const pdf = { name: 'plan.pdf', mediaType: 'application/pdf', bytes: Buffer.from('%PDF-1.7 plan') };
const wav = { name: 'hum.wav', mediaType: 'audio/wav', bytes: Buffer.from('RIFF....WAVEfmt ') };
const mp3 = { name: 'song.mp3', mediaType: 'audio/mpeg', bytes: Buffer.from('ID3song') };
const csv = { name: 'a "b".csv', mediaType: 'text/plain', bytes: Buffer.from('a,b\n1,é\n') };
type Sample = typeof png;

const fileIdOf = (count: number) => idOf<FileId>(idKinds.file, count);

/** Stores each, and places them at `offset` in the message's text. */
async function stored(
  store: MemoryFileStore,
  samples: readonly Sample[],
  offset = 0,
): Promise<readonly Attachment[]> {
  const attachments: Attachment[] = [];
  for (const [index, { name, mediaType, bytes }] of samples.entries()) {
    const fileId = fileIdOf(index + 1);
    const write = await store.write(fileId);
    await write.append(bytes);
    await write.commit();
    attachments.push({ fileId, name, mediaType, bytes: bytes.length, offset });
  }
  return attachments;
}

/** The messages of the body that arrives. */
async function sent(
  [format, adapter]: readonly [Format, Adapter],
  store: MemoryFileStore,
  changes: Partial<EngineRequest>,
): Promise<readonly { readonly role: string; readonly content: unknown }[]> {
  const provider = await startProvider(() =>
    format === 'anthropic'
      ? anthropicAnswer({ blocks: [{ type: 'text', pieces: ['Ok'] }] })
      : openAiAnswer({ text: ['Ok'] }),
  );
  try {
    const engine = engineAt(provider.url, format, {
      adapter,
      files: store,
      accepts: format === 'anthropic' ? ['image', 'pdf'] : ['image', 'pdf', 'audio'],
    });
    const parts = await partsOf(engine, modelRequest(changes));
    expect(parts.at(-1)?.type).toBe('finish');
    const body = z.looseObject({
      messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })),
    });
    return body.parse(provider.requests[0]?.body).messages;
  } finally {
    await provider.stop();
  }
}

const base64 = ({ bytes }: Sample) => bytes.toString('base64');
const urlOf = (sample: Sample) => `data:${sample.mediaType};base64,${base64(sample)}`;

/** As the format carries it. */
function shown(format: Format, sample: Sample): object {
  const source = { type: 'base64', media_type: sample.mediaType, data: base64(sample) };
  switch (sample) {
    case png:
      return format === 'anthropic'
        ? { type: 'image', source }
        : { type: 'image_url', image_url: { url: urlOf(sample) } };
    case pdf:
      return format === 'anthropic'
        ? { type: 'document', source, title: 'plan.pdf' }
        : { type: 'file', file: { filename: 'plan.pdf', file_data: urlOf(sample) } };
    default:
      return {
        type: 'input_audio',
        input_audio: { data: base64(sample), format: sample === mp3 ? 'mp3' : 'wav' },
      };
  }
}

describe('files in requests', () => {
  it.each(routes)('[FIL34] arrive as they were stored, where they stand: %s, %s', async (format, adapter) => {
    const store = memoryFileStore();
    const samples = format === 'anthropic' ? [png, pdf] : [png, pdf, wav, mp3];
    const attachments = await stored(store, samples, 'Look at '.length);
    const [message] = await sent([format, adapter], store, {
      conversation: [{ role: 'user', content: 'Look at these, please', attachments }],
    });
    expect(message).toEqual({
      role: 'user',
      content: [
        { type: 'text', text: 'Look at ' },
        ...samples.map((sample) => shown(format, sample)),
        { type: 'text', text: 'these, please' },
      ],
    });
  });

  it.each(routes)('[FIL34] may be all that a message has: %s, %s', async (format, adapter) => {
    const store = memoryFileStore();
    const attachments = await stored(store, [png]);
    const [message] = await sent([format, adapter], store, {
      conversation: [{ role: 'user', content: '', attachments }],
    });
    expect(message).toEqual({ role: 'user', content: [shown(format, png)] });
  });

  it.each(routes)(
    '[FIL35] are quoted if they are texts, for every model: %s, %s',
    async (format, adapter) => {
      const store = memoryFileStore();
      const attachments = await stored(store, [csv], 3);
      const [message] = await sent([format, adapter], store, {
        conversation: [{ role: 'user', content: 'SumIt', attachments }],
      });
      const text = 'Sum\n<file name="a \\"b\\".csv" type="text/plain">\na,b\n1,é\n\n</file>\nIt';
      expect(message?.content).toEqual(format === 'anthropic' ? [{ type: 'text', text }] : text);
    },
  );

  it.each(routes)('[FIL37] are told in words when they are gone: %s, %s', async (format, adapter) => {
    const store = memoryFileStore();
    const [first, ...rest] = await stored(store, [png, pdf, csv]);
    if (first === undefined) throw new Error('nothing stored');
    await store.remove(first.fileId);
    // Its message says another length than its bytes have, so nobody has bounded it.
    const lying = rest.map((file) => ({ ...file, bytes: file.bytes + 1 }));
    const [message] = await sent([format, adapter], store, {
      conversation: [{ role: 'user', content: 'What is this?', attachments: [first, ...lying] }],
    });
    const text = [
      '[The file "cat.png" (image/png, 11 bytes) is not given to you: it is gone.]',
      '[The file "plan.pdf" (application/pdf, 14 bytes) is not given to you: it is gone.]',
      '[The file "a \\"b\\".csv" (text/plain, 10 bytes) is not given to you: it is gone.]',
      'What is this?',
    ].join('\n');
    expect(message?.content).toEqual(format === 'anthropic' ? [{ type: 'text', text }] : text);
  });

  it('[FIL35] are told in words when they are called text and are none', async () => {
    const store = memoryFileStore();
    const attachments = await stored(store, [{ ...csv, bytes: Buffer.from([0x61, 0xff]) }]);
    const [message] = await sent(['openai', 'lean'], store, {
      conversation: [{ role: 'user', content: '', attachments }],
    });
    expect(message?.content).toContain('is not given to you: it is no text in UTF-8.]');
  });

  it.each(routes)('[FIL38] follow the result of their tool: %s, %s', async (format, adapter) => {
    const store = memoryFileStore();
    const attachments = await stored(store, [png]);
    const callId = callIdOf(1);
    const call = { callId, name: 'camera', argumentsJson: '{}' };
    const conversation: ModelMessage[] = [
      { role: 'user', content: 'Take a picture' },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', callId, name: 'camera', content: 'taken', failed: false, attachments },
    ];
    const camera = { name: 'camera', description: 'Takes', inputSchema: { type: 'object' as const } };
    const messages = await sent([format, adapter], store, { conversation, tools: [camera] });
    if (format === 'anthropic') {
      const content = [{ type: 'text', text: 'taken' }, shown(format, png)];
      expect(messages.at(-1)?.content).toMatchObject([{ type: 'tool_result', content }]);
      return;
    }
    expect(messages.at(2)).toMatchObject({ role: 'tool', content: 'taken' });
    expect(messages.at(-1)).toEqual({
      role: 'user',
      content: [{ type: 'text', text: '[Files that the tool camera returned]\n' }, shown(format, png)],
    });
    // Where results must be followed by the assistant, it is.
    expect(messages.at(-2)?.role).toBe(format === 'openai' ? 'tool' : 'assistant');
    // Without tools, a call is told in words, and its files behind them.
    const told = await sent([format, adapter], store, { conversation, tools: [] });
    expect(told.at(-1)?.content).toMatchObject([{ type: 'text' }, shown(format, png)]);
  });

  it('[FIL34] [FIL35] keep their order among all texts and neighbours', async () => {
    const store = memoryFileStore();
    const samples = await stored(store, [png, pdf, wav, csv]);
    const message = fc
      .tuple(fc.string({ maxLength: 6 }), fc.array(fc.tuple(fc.nat(3), fc.nat(9)), { maxLength: 4 }))
      .map(([content, placed]): ModelMessage => {
        const attachments = placed
          .flatMap(([which, offset]) => {
            const sample = samples[which];
            return sample === undefined ? [] : [{ ...sample, offset: Math.min(offset, content.length) }];
          })
          .sort((one, other) => one.offset - other.offset);
        return { role: 'user', content, attachments };
      });
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('openai' as const, 'openai-compatible' as const),
        async (conversation, format) => {
          const messages = await sent([format, 'lean'], store, { conversation });
          const arrived = messages.flatMap(({ content }) => kindsIn(content));
          const given = conversation.flatMap((one) =>
            one.role === 'user' ? (one.attachments ?? []).map(({ name }) => name) : [],
          );
          expect(arrived).toEqual(given);
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** The names of the samples that a content has, in order. */
function kindsIn(content: unknown): readonly string[] {
  if (typeof content === 'string') return content.match(/<file name=/g)?.map(() => csv.name) ?? [];
  const parts = z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).parse(content);
  return parts.flatMap(({ type, text = '' }) => {
    switch (type) {
      case 'image_url':
        return [png.name];
      case 'file':
        return [pdf.name];
      case 'input_audio':
        return [wav.name];
      default:
        return kindsIn(text);
    }
  });
}
