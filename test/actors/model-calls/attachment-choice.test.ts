/**
 * Which files a model is given. Goal: never more bytes than one call may carry, never a file that the model does not
 * take, and of the rest the newest; what it is not given it is told of where it stood. Method: generated histories.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttachmentChoice } from '../../../actors/model-calls/attachment-choice.ts';
import {
  type Exchange,
  exchangesOf,
  type HistoryMessage,
  promptMessage,
} from '../../../actors/model-calls/conversation-history.ts';
import { modelContext } from '../../../actors/model-calls/model-context.ts';
import type { ModelMessage } from '../../../actors/ports.ts';
import {
  type AcceptedKind,
  type Attachment,
  acceptedKinds,
  unfitReason,
} from '../../../schema/attachment.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { FileId, MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { textAndMarks } from '../../../schema/message-part.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';

const types = ['image/png', 'application/pdf', 'audio/mpeg', 'text/plain', 'application/zip'] as const;
const attachment = fc
  .record({ count: fc.nat(99), mediaType: fc.constantFrom(...types), bytes: fc.nat(60) })
  .map(({ count, ...rest }): Attachment => {
    return { ...rest, fileId: idOf<FileId>(idKinds.file, count), name: `f${count}`, offset: 0 };
  });
const message = fc
  .record({ content: fc.string({ maxLength: 8 }), files: fc.array(attachment, { maxLength: 3 }) })
  .map(({ content, files }): ModelMessage => {
    return { role: 'user', content, ...(files.length === 0 ? {} : { attachments: files }) };
  });
const history = message.map((one): HistoryMessage => ({ message: one, brief: one }));
const exchange = fc
  .array(history, { minLength: 1, maxLength: 3 })
  .map((messages): Exchange => ({ pinned: null, messages, count: messages.length }));

const filesOf = (messages: readonly ModelMessage[]) =>
  messages.flatMap((one) => (one.role === 'user' ? (one.attachments ?? []) : []));
const wordsIn = (messages: readonly ModelMessage[]) =>
  messages.flatMap(({ content }) => content.match(/\[The file "f\d+" .* is not given to you: .*\.\]/g) ?? []);

function chosen(
  given: { readonly prompt: ModelMessage; readonly exchanges: readonly Exchange[] },
  accepted: readonly AcceptedKind[],
  bytesMax: number,
) {
  const choice = new AttachmentChoice(accepted, bytesMax);
  const prompt = choice.message(given.prompt);
  const exchanges = choice.exchanges(given.exchanges);
  return { prompt, exchanges, before: exchanges.flatMap(({ messages }) => messages) };
}

describe('the files that a model is given', () => {
  it('[FIL33] are no more bytes than one call may carry, the prompt first, then the newest', () => {
    fc.assert(
      fc.property(
        message,
        fc.array(exchange, { maxLength: 5 }),
        fc.subarray([...acceptedKinds]),
        fc.nat(200),
        (prompt, exchanges, accepted, bytesMax) => {
          const after = chosen({ prompt, exchanges }, accepted, bytesMax);
          const before = exchanges.flatMap(({ messages }) => messages.map((one) => one.message));
          const order = [prompt, ...before.toReversed()];
          let left = bytesMax;
          const expected = order.map((one) =>
            filesOf([one]).filter((file) => {
              const fits = unfitReason(file, accepted) === null && file.bytes <= left;
              if (fits) left -= file.bytes;
              return fits;
            }),
          );
          const given = [after.prompt, ...after.before.map((one) => one.message).toReversed()];
          const idsIn = (files: readonly Attachment[]) => files.map(({ fileId }) => fileId);
          expect(given.map((one) => idsIn(filesOf([one])))).toEqual(expected.map(idsIn));
          // Nothing goes without a word.
          expect(wordsIn(given)).toHaveLength(filesOf(order).length - filesOf(given).length);
        },
      ),
    );
  });

  it('[FIL33] are left out before their messages when there is no room for their tokens', () => {
    fc.assert(
      fc.property(
        fc.array(exchange, { minLength: 1, maxLength: 4 }),
        fc.nat(4000),
        (exchanges, tokensMax) => {
          const prompt: ModelMessage = { role: 'user', content: 'And now?' };
          const after = chosen({ prompt, exchanges }, acceptedKinds, 1000);
          const context = {
            ...{ systemPrompt: undefined, isCut: false, prompt, steps: [], toolTokens: 0 },
            estimate: (text: string) => text.length,
          };
          const { tokens, messages } = modelContext({ ...context, exchanges: after.exchanges, tokensMax });
          const least = modelContext({ ...context, exchanges: [], tokensMax: 0 }).tokens;
          expect(tokens).toBeLessThanOrEqual(Math.max(tokensMax, least + 200));
          for (const one of after.before) {
            expect(filesOf([one.brief])).toEqual([]);
            expect(wordsIn([one.brief]).length - wordsIn([one.message]).length).toBe(
              filesOf([one.message]).length,
            );
          }
          expect(messages.at(-1)).toEqual(prompt);
        },
      ),
    );
  });

  it('[FIL33] stand where they stood in the text, and so do the words for the others', () => {
    const zip = { type: 'file', fileId: idOf<FileId>(idKinds.file, 1), name: 'a.zip' } as const;
    const { content, marks } = textAndMarks([
      { type: 'text', text: 'See ' },
      { ...zip, mediaType: 'application/zip', bytes: 9 },
      { type: 'text', text: 'and ' },
      { ...zip, name: 'b.png', mediaType: 'image/png', bytes: 8 },
      { type: 'text', text: 'now' },
    ]);
    const told = new AttachmentChoice(['image']).message(promptMessage({ content, marks: [...marks] }));
    const words =
      '[The file "a.zip" (application/zip, 9 bytes) is not given to you: models take no files of this type.]';
    expect(told.content).toBe(`See \n${words}\nand now`);
    expect(filesOf([told])).toMatchObject([{ name: 'b.png', offset: `See \n${words}\nand `.length }]);
  });

  it('[FIL33] are part of what users said alone: what the system or an assistant had is told in words', () => {
    const fileId = idOf<FileId>(idKinds.file, 1);
    const file = { type: 'file', fileId, name: 'f1', mediaType: 'image/png', bytes: 3 } as const;
    const said = (role: MessageFact['role'], count: number): MessageFact => ({
      id: idOf<MessageId>(idKinds.prompt, count),
      sessionId: idOf<SessionId>(idKinds.session, 1),
      ...{ role, content: '', createdAt: '2026-11-27T12:00:00.000Z' },
      marks: [{ offset: 0, part: file }],
    });
    const messages = [
      said('system', 1),
      said('assistant', 2),
      said('tool', 3),
      said('user', 4),
      said('user', 5),
    ];
    const told = exchangesOf({ path: [], messages, turns: [], continued: [], isCut: false })
      .flatMap(({ pinned, messages: all }) => [...(pinned === null ? [] : [pinned]), ...all])
      .map((one) => one.message);
    expect(told.map((one) => [one.role, filesOf([one]).length])).toEqual([
      ['system', 0],
      ['assistant', 0],
      ['user', 1],
      ['user', 1],
    ]);
    expect(wordsIn(told)).toHaveLength(2);
    expect(told[2]).toMatchObject({ content: 'Result of a tool: ', attachments: [{ offset: 18 }] });
  });

  it('[FIL30] a text is for every model up to its bound, and what nobody takes is for none', () => {
    const longest = limits.attachedTextBytesMax;
    expect(unfitReason({ mediaType: 'text/plain', bytes: longest }, [])).toBeNull();
    expect(unfitReason({ mediaType: 'text/plain', bytes: longest + 1 }, acceptedKinds)).toMatch(
      /longer than/,
    );
    expect(unfitReason({ mediaType: 'application/zip', bytes: 1 }, acceptedKinds)).toMatch(/of this type/);
    expect(unfitReason({ mediaType: 'image/png', bytes: limits.attachmentBytesMax + 1 }, ['image'])).toMatch(
      /larger than/,
    );
    expect(unfitReason({ mediaType: 'application/zip', bytes: 1e12 }, 'everything')).toBeNull();
  });
});
