/**
 * Files in what clients say. Goal: a message shows what is known of its files, and is refused before it is stored when
 * a file is not there or its model does not take it; nothing that was taken is refused when it comes again. Method:
 * examples through the real actors with an engine that takes what its model's name says.
 */

import { describe, expect, it } from 'vitest';
import { startLiveSystem } from '../../../actors/live-system.ts';
import type { Engine } from '../../../actors/ports.ts';
import type { CreateChatMessage } from '../../../schema/create-message.ts';
import type { StoredFile } from '../../../schema/file.ts';
import type { FileId, MessageId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import type { Outcome } from '../../../schema/refusal.ts';
import { createToolBox } from '../../../src/tools/tool-box.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';
import { acceptedValue, countingIds, tickingClock } from '../../fakes/actor-world.ts';
import { testLeases } from '../../fakes/leases.ts';
import { memoryStorage } from '../../fakes/memory-storage.ts';
import { recordingPublisher } from '../../fakes/recording-publisher.ts';
import { memorySessionFiles } from '../../fakes/session-files.ts';
import { silentLog } from '../../fakes/silent-log.ts';

const file = (count: number, type: string, bytes = 10): StoredFile => ({
  id: idOf<FileId>(idKinds.file, count),
  ...{ name: `f${count}`, type, bytes, sha256: '0'.repeat(64) },
});
const image = file(1, 'image/png');
const zip = file(2, 'application/zip');
const text = file(3, 'text/plain');
const large = [4, 5].map((count) => file(count, 'image/png', limits.attachmentBytesMax - 1));
const files = [image, zip, text, ...large];

/** `see/…` takes images, `all/…` everything, others nothing. */
const engine: Engine = {
  name: 'scripted',
  accepts: ({ model = '' }) =>
    model.startsWith('all/') ? 'everything' : model.startsWith('see/') ? ['image'] : [],
  async *stream() {
    yield { type: 'text', text: 'Seen' };
    yield { type: 'finish' };
  },
};

async function world() {
  const storage = memoryStorage();
  const publisher = recordingPublisher();
  const system = await startLiveSystem(
    {
      journal: storage.journal,
      readModel: storage.readModel,
      files: { ...memorySessionFiles(), file: async (id) => files.find((one) => one.id === id) },
      publisher,
      engine,
      tools: createToolBox([]),
      clock: tickingClock(),
      ids: countingIds(),
      leases: testLeases,
      random: () => 0.5,
      log: silentLog,
    },
    { modelOptions: { model: 'blind/any' } },
  );
  const { door } = system;
  const create = async (model?: string) => {
    const options = model === undefined ? {} : { options: { model } };
    return acceptedValue(await door.createSession({ title: 'Files', ...options })).id;
  };
  const messages = (session: Awaited<ReturnType<typeof create>>) =>
    storage.readModel.messages(session, { limit: 50 }, 'current');
  return { door, storage, create, messages, publisher, stop: () => system.stop() };
}

function saying(given: readonly StoredFile[], more: Partial<CreateChatMessage> = {}): CreateChatMessage {
  const parts = [
    { type: 'text' as const, text: 'Look: ' },
    ...given.map(({ id }) => ({ type: 'file' as const, fileId: id })),
  ];
  return { role: 'user', parts, toolCallId: undefined, name: undefined, ...more };
}

const refusalOf = (outcome: Outcome<unknown>) => (outcome.ok ? null : outcome.refusal);

describe('files in messages', () => {
  it('[FIL30] are shown as the server knows them', async () => {
    const { door, create, stop } = await world();
    const message = acceptedValue(await door.addMessage(await create('see/any'), saying([image, text])));
    expect(message.parts).toEqual([
      { type: 'text', text: 'Look: ' },
      { type: 'file', fileId: image.id, name: 'f1', mediaType: 'image/png', bytes: 10 },
      { type: 'file', fileId: text.id, name: 'f3', mediaType: 'text/plain', bytes: 10 },
    ]);
    expect(message.content).toBe('Look: ');
    await stop();
  });

  it('[FIL30] that are not there are 404', async () => {
    const { door, create, messages, stop } = await world();
    const session = await create('all/any');
    const refusal = refusalOf(await door.addMessage(session, saying([file(99, 'image/png')])));
    expect(refusal).toMatchObject({
      code: 'not_found',
      message: expect.stringMatching(/^File .* not found$/),
    });
    expect(await messages(session)).toEqual([]);
    await stop();
  });

  it.each([
    ['the server’s model', undefined, undefined, [image], /f1.*this model takes no images/],
    ['the session’s model', 'blind/any', undefined, [image], /this model takes no images/],
    ['the message’s model', 'see/any', 'blind/any', [text, image], /this model takes no images/],
    ['no model at all', 'see/any', undefined, [zip], /models take no files of this type/],
    ['one call', 'see/any', undefined, large, /together; a model is sent at most/],
  ])('[FIL30] are refused before they are stored: %s', async (_what, ofSession, ofMessage, given, reason) => {
    const { door, create, messages, stop } = await world();
    const session = await create(ofSession);
    const options = ofMessage === undefined ? {} : { options: { model: ofMessage } };
    const refusal = refusalOf(await door.addMessage(session, saying(given, options)));
    expect(refusal).toMatchObject({ code: 'bad_request', message: expect.stringMatching(reason) });
    expect(await messages(session)).toEqual([]);
    await stop();
  });

  it.each([
    ['blind/any', 'see/any', [image, text]],
    ['all/any', undefined, [zip, ...large]],
    ['blind/any', undefined, [text]],
  ])('[FIL30] are taken by %s, %s', async (ofSession, ofMessage, given) => {
    const { door, create, stop } = await world();
    const options = ofMessage === undefined ? {} : { options: { model: ofMessage } };
    const outcome = await door.addMessage(await create(ofSession), saying(given, options));
    expect(refusalOf(outcome)).toBeNull();
    await stop();
  });

  it('[FIL30] in messages that ask for no answer are stored, whatever the model takes', async () => {
    const { door, create, stop } = await world();
    const outcome = await door.addMessage(await create(), saying([zip], { role: 'assistant' }));
    expect(refusalOf(outcome)).toBeNull();
    await stop();
  });

  it('[FIL30] are judged when a question is edited, or asked again', async () => {
    const { door, create, messages, publisher, stop } = await world();
    const session = await create('see/any');
    const { id } = acceptedValue(await door.addMessage(session, saying([image])));
    await publisher.turnsEnded(1);
    const [, answer] = await messages(session);
    if (answer === undefined) throw new Error('no answer');
    const blind = { options: { model: 'blind/any' } };
    const asked = [
      await door.regenerateMessage(session, id, blind),
      await door.regenerateMessage(session, answer.id, blind),
      await door.editMessage(session, id, { parts: saying([image]).parts, ...blind }),
    ];
    for (const outcome of asked) expect(refusalOf(outcome)?.code).toBe('bad_request');
    expect(await messages(session)).toHaveLength(2);
    expect(refusalOf(await door.regenerateMessage(session, answer.id, {}))).toBeNull();
    await publisher.turnsEnded(2);
    await stop();
  });

  it('[FIL32] that were taken are answered alike when they come again', async () => {
    const { door, create, publisher, stop } = await world();
    const session = await create('see/any');
    const id = idOf<MessageId>(idKinds.prompt, 77);
    const named = { key: 'once', fingerprint: 'f' };
    const first = acceptedValue(await door.addMessage(session, saying([image], { id })));
    const other = acceptedValue(await door.addMessage(session, saying([image]), named));
    await publisher.turnsEnded(2);
    acceptedValue(await door.updateSession(session, { options: { model: 'blind/any' } }));
    expect(acceptedValue(await door.addMessage(session, saying([image], { id }))).parts).toEqual(first.parts);
    expect(acceptedValue(await door.addMessage(session, saying([image]), named)).id).toBe(other.id);
    expect(refusalOf(await door.addMessage(session, saying([image])))?.code).toBe('bad_request');
    await stop();
  });
});
