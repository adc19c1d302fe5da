/**
 * What is counted: short single-threaded runs of the paths that cost most, by name. What one operation costs is the
 * difference between a run with some operations and one with fewer, so that starting up does not count.
 */
import { startLiveSystem } from '../../actors/live-system.ts';
import type { EnginePart, Journal } from '../../actors/ports.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { type MessageId, messageIdSchema, sessionIdSchema } from '../../schema/ids.ts';
import { callboardV1DeltaFrames, compactDeltaFrame } from '../../schema/wire/callboard-v1-frame.ts';
import { systemClock } from '../../src/clock.ts';
import { AnthropicReader } from '../../src/engines/providers/anthropic/anthropic-reader.ts';
import { EventChunks } from '../../src/engines/providers/event-chunks.ts';
import type { StreamReader } from '../../src/engines/providers/model-format.ts';
import { OpenAiReader } from '../../src/engines/providers/openai/openai-reader.ts';
import { systemIds } from '../../src/ids.ts';
import { leasesOf } from '../../src/leases.ts';
import { createToolBox } from '../../src/tools/tool-box.ts';
import { acceptedValue, nobody, silentLog } from '../durable/measured-system.ts';
import { memoryJournal } from '../durable/memory-journal.ts';
import { noFiles } from '../durable/no-files.ts';
import { chunkShapes, type ProviderFormat } from '../provider/chunk-shapes.ts';

/** Figures of one operation that are no instructions, by name. */
export type Facts = Readonly<Record<string, number>>;

export type Subject = {
  /** How many operations the two runs have. */
  readonly operations: { readonly few: number; readonly many: number };
  readonly run: (operations: number) => Facts | Promise<Facts>;
};

const words = ['The', ' quick', ' brown', ' fox', ' jumps', ' over', ' the', ' lazy', ' dog', '.'] as const;
const word = (index: number) => words[index % words.length] ?? '';
const ids = {
  sessionId: sessionIdSchema.parse('5f9bff40-95fc-44aa-9d42-9bfd3d18efd0'),
  messageId: messageIdSchema.parse('1d3b0a7f-3c1f-4e11-8f3c-5a526d3c4a31'),
};

export const subjects: Readonly<Record<string, Subject>> = {
  'v1 delta frame': {
    operations: { few: 100, many: 2100 },
    run: (count) => bytesOf(count, callboardV1DeltaFrames('message.delta', ids)),
  },
  'compact delta frame': {
    operations: { few: 100, many: 2100 },
    run: (count) => bytesOf(count, (offset, text) => compactDeltaFrame(12, offset, text)),
  },
  'OpenAI token': {
    operations: { few: 100, many: 1100 },
    run: (count) => readAnswers(count, 'openai', (options) => new OpenAiReader(options)),
  },
  'Anthropic token': {
    operations: { few: 100, many: 1100 },
    run: (count) => readAnswers(count, 'anthropic', (options) => new AnthropicReader(options)),
  },
  turn: { operations: { few: 20, many: 60 }, run: (count) => runTurns(count, 1) },
  'rehearsed token': { operations: { few: 100, many: 1100 }, run: (count) => runTurns(1, count) },
};

function bytesOf(count: number, frame: (offset: number, text: string) => string): Facts {
  let bytes = 0;
  for (let index = 0; index < count; index++) bytes += Buffer.byteLength(frame(index * 5, word(index)));
  return { bytes };
}

/** Reads an answer of each shape of the format, with so many tokens together, in reads of eight events. */
function readAnswers(
  count: number,
  format: ProviderFormat,
  reader: (options: ConstructorParameters<typeof OpenAiReader>[0]) => StreamReader,
): Facts {
  const shapes = chunkShapes[format];
  let parts = 0;
  for (const shape of shapes) {
    const tokens = Math.round(count / shapes.length);
    const events = [shape.begin, ...Array.from({ length: tokens }, (_, index) => shape.token(word(index)))];
    const chunks = new EventChunks();
    const read = reader({ origin: 'bench', ownName: (told) => told });
    for (let from = 0; from < events.length; from += 8) {
      const bytes = Buffer.from(events.slice(from, from + 8).join(''));
      for (const data of chunks.next(bytes)) parts += read.read(data).length;
    }
  }
  return { parts };
}

/** Turns of one session in the real actors, over a journal that keeps nothing. */
async function runTurns(turns: number, tokens: number): Promise<Facts> {
  const { journal, readModel } = memoryJournal();
  const facts = { events: 0, appends: 0, reads: 0, pieces: 0 };
  let ended = () => {};
  const counting: Journal = {
    append: (batch) => {
      facts.events += batch.length;
      facts.appends++;
      return journal.append(batch);
    },
  };
  const prompts = new Map<MessageId, Extract<JournaledEvent, { type: 'message.created' }>['data']>();
  const system = await startLiveSystem({
    journal: counting,
    readModel: {
      ...readModel,
      conversation: async ({ promptId }) => {
        facts.reads++;
        const prompt = prompts.get(promptId);
        const messages = prompt === undefined ? [] : [prompt];
        return { path: [promptId], messages, turns: [], continued: [], isCut: false };
      },
    },
    files: noFiles,
    publisher: {
      ...nobody,
      durable: (event) => {
        if (event.type === 'message.created') prompts.set(event.data.id, event.data);
        if (event.type === 'turn.ended') ended();
      },
      stream: () => {
        facts.pieces++;
      },
    },
    engine: { name: 'bench', stream: () => answer(tokens) },
    tools: createToolBox([]),
    clock: systemClock,
    ids: systemIds,
    log: silentLog,
    leases: leasesOf('bench'),
    random: Math.random,
  });
  const session = acceptedValue(await system.door.createSession({ title: 'Bench' })).id;
  for (let turn = 0; turn < turns; turn++) {
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const message = { role: 'user', content: 'Say it.', toolCallId: undefined, name: undefined } as const;
    acceptedValue(await system.door.addMessage(session, message));
    await end;
  }
  await system.stop();
  return facts;
}

async function* answer(tokens: number): AsyncGenerator<EnginePart> {
  for (let index = 0; index < tokens; index++) yield { type: 'text', text: word(index) };
  yield { type: 'finish' };
}
