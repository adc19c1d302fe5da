/**
 * Message parts. Goal: the parts of a message and its text with marks are two ways to say the same, whatever the parts
 * are, and also when the end of the text is missing. Method: generated parts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baselineMessage, failureText, type MessageFact, shownMessage } from '../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';
import {
  type MessagePart,
  messageMarkSchema,
  messagePartSchema,
  partsOf,
  textAndMarks,
} from '../../schema/message-part.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { messageParts } from '../arbitraries/message-parts.ts';

/** An empty text is no part; texts that are next to each other stay two. */
const said = (parts: readonly MessagePart[]) =>
  parts.filter((part) => part.type !== 'text' || part.text !== '');

describe('the parts of a message', () => {
  it('[PART1] are its text and its marks, and come back from them', () => {
    fc.assert(
      fc.property(messageParts, (parts) => {
        const { content, marks } = textAndMarks(parts);
        expect(content).toBe(parts.map((part) => (part.type === 'text' ? part.text : '')).join(''));
        expect(partsOf(content, marks)).toEqual(said(parts));
        expect(textAndMarks(partsOf(content, marks))).toEqual({ content, marks });
        for (const part of said(parts)) expect(messagePartSchema.parse(part)).toEqual(part);
      }),
      { numRuns: 500 },
    );
  });

  it('[PART1] have marks that never step back and stand in the text', () => {
    fc.assert(
      fc.property(messageParts, (parts) => {
        const { content, marks } = textAndMarks(parts);
        const offsets = marks.map(({ offset }) => offset);
        expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
        for (const mark of marks) {
          expect(messageMarkSchema.parse(mark)).toEqual(mark);
          expect(mark.offset).toBeLessThanOrEqual(content.length);
          // A border between two texts has text on both sides.
          if (mark.part === null) expect(mark.offset > 0 && mark.offset < content.length).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('[PART1] are all there when a crash took the end of the text: what stood behind it stands at its end', () => {
    fc.assert(
      fc.property(messageParts, fc.nat(100), (parts, lost) => {
        const { content, marks } = textAndMarks(parts);
        const kept = content.slice(0, Math.max(0, content.length - lost));
        const found = partsOf(kept, marks);
        const texts = found.flatMap((part) => (part.type === 'text' ? [part.text] : []));
        expect(texts.join('')).toBe(kept);
        expect(texts).not.toContain('');
        expect(found.filter(({ type }) => type !== 'text')).toEqual(
          parts.filter(({ type }) => type !== 'text'),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a message as it is shown', () => {
  const fact: MessageFact = {
    id: idOf<MessageId>(idKinds.answer, 1),
    sessionId: idOf<SessionId>(idKinds.session, 1),
    role: 'assistant',
    content: '',
    createdAt: '2026-11-27T12:00:00.000Z',
    parentId: idOf<MessageId>(idKinds.prompt, 1),
    promptId: idOf<MessageId>(idKinds.prompt, 1),
  };

  it('[PART1] has its parts in place of marks, and is complete unless something else is known', () => {
    fc.assert(
      fc.property(messageParts, (parts) => {
        const { content, marks } = textAndMarks(parts);
        const shown = shownMessage({ ...fact, content, marks: [...marks] });
        const { id, sessionId, role, createdAt, parentId, promptId } = fact;
        expect(shown).toEqual({
          ...{ id, sessionId, role, content, createdAt, parentId, promptId },
          status: 'complete',
          parts: said(parts),
        });
      }),
      { numRuns: 100 },
    );
  });

  it('[PART4] shows the fixed sentence for a failure without a word, which is no part of it', () => {
    const silent = { ...fact, status: 'failed' as const };
    expect(shownMessage(silent)).toMatchObject({ content: failureText, status: 'failed', parts: [] });
    expect(baselineMessage(silent)).toMatchObject({ content: failureText });
    const spoke = { ...silent, content: 'Half' };
    expect(shownMessage(spoke)).toMatchObject({ content: 'Half', parts: [{ type: 'text', text: 'Half' }] });
    for (const status of ['streaming', 'cancelled', 'interrupted', 'cut-off', 'complete'] as const)
      expect(shownMessage({ ...fact, status }).content).toBe('');
  });
});
