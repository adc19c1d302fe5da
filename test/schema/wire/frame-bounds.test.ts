/**
 * Exact bounds of frames and bodies: the allowed maximum passes whole, one more is refused. Characters are counted
 * with surrogate pairs, because a bound in UTF-16 units would be reached too early.
 */
import { describe, expect, it } from 'vitest';
import { failureReason, reasonOf } from '../../../machines/failure-reason.ts';
import { createChatSessionSchema, updateChatSessionSchema } from '../../../schema/chat-session.ts';
import { createChatMessageSchema } from '../../../schema/create-message.ts';
import { limits } from '../../../schema/limits.ts';
import { cutText, preview } from '../../../schema/preview.ts';
import { updateRuntimeConfigSchema } from '../../../schema/runtime-config.ts';
import { shownToolEvent, toolFact } from '../../../schema/tool-event.ts';
import { decodeCallboardV1ClientFrame } from '../../../schema/wire/callboard-v1-frame.ts';
import { decodeClientFrame, frameIdSchema } from '../../../schema/wire/frame.ts';
import { frameBytes, sessionId } from '../../arbitraries/client-frames.ts';
import { toolCallInput } from '../../arbitraries/tool-call-events.ts';

const send = (content: string) =>
  frameBytes({ event: 'message.send', data: { sessionId, message: { content } } });

describe('what clients send', () => {
  it.each<[name: string, max: number, accepts: (text: string) => boolean]>([
    ['title', limits.titleCharactersMax, (title) => createChatSessionSchema.safeParse({ title }).success],
    ['new title', limits.titleCharactersMax, (title) => updateChatSessionSchema.safeParse({ title }).success],
    [
      'description',
      limits.descriptionCharactersMax,
      (description) => createChatSessionSchema.safeParse({ title: 'a', description }).success,
    ],
    [
      'new description',
      limits.descriptionCharactersMax,
      (description) => updateChatSessionSchema.safeParse({ description }).success,
    ],
    ['content', limits.messageCharactersLegalMax, (content) => decodeClientFrame(send(content)).ok],
    [
      'content over v1',
      limits.messageCharactersLegalMax,
      (content) => decodeCallboardV1ClientFrame(send(content)).ok,
    ],
    [
      'name',
      limits.labelCharactersMax,
      (name) => createChatMessageSchema.safeParse({ content: 'a', name }).success,
    ],
    [
      'toolCallId',
      limits.labelCharactersMax,
      (toolCallId) => createChatMessageSchema.safeParse({ content: 'a', toolCallId }).success,
    ],
    ['apiUrl', limits.urlCharactersMax, (apiUrl) => updateRuntimeConfigSchema.safeParse({ apiUrl }).success],
    [
      'websocketUrl',
      limits.urlCharactersMax,
      (websocketUrl) => updateRuntimeConfigSchema.safeParse({ websocketUrl }).success,
    ],
    [
      'feature',
      limits.labelCharactersMax,
      (key) => updateRuntimeConfigSchema.safeParse({ features: { [key]: true } }).success,
    ],
  ])('[TXT3] [HTTP10] [LIM1] %s: %i characters, and not one more', (_name, max, accepts) => {
    for (const character of ['x', 'ß', '🎉']) {
      expect(accepts(character.repeat(max))).toBe(true);
      expect(accepts(character.repeat(max + 1))).toBe(false);
    }
  });

  it('[SES4] [HTTP10] a description is kept as it is, and is absent where it is null', () => {
    const created = (description: unknown) => createChatSessionSchema.parse({ title: 'a', description });
    expect(created('A clock').description).toBe('A clock');
    expect(created('').description).toBe('');
    expect([null, undefined].map((none) => created(none).description)).toEqual([undefined, undefined]);
    expect(updateChatSessionSchema.parse({ description: null })).toEqual({ description: null });
  });

  it('[FRM6] id: 128 UTF-16 units, and not one more', () => {
    expect(frameIdSchema.safeParse('x'.repeat(128)).success).toBe(true);
    expect(frameIdSchema.safeParse('x'.repeat(129)).success).toBe(false);
  });

  it('[TXT3] the least: a title, a content and a feature have a character, a description needs none', () => {
    expect(createChatSessionSchema.safeParse({ title: '', description: '' }).success).toBe(false);
    expect(createChatSessionSchema.safeParse({ title: 'x', description: '' }).success).toBe(true);
    expect(decodeClientFrame(send('')).ok).toBe(false);
    expect(updateRuntimeConfigSchema.safeParse({ features: { '': true } }).success).toBe(false);
  });
});

describe('what the server shows', () => {
  it.each<[name: string, max: number, shown: (text: string) => string | null]>([
    ['a preview', limits.previewUnitsMax, preview],
    ['a reason', limits.failureReasonUnitsMax, failureReason],
    ['an error', limits.failureReasonUnitsMax, (text) => reasonOf(new Error(text))],
    ['what was thrown', limits.failureReasonUnitsMax, reasonOf],
    ["a tool's arguments", limits.previewUnitsMax, (text) => toolShown(text).arguments],
    ["a tool's result", limits.previewUnitsMax, (text) => toolShown(text).result],
  ])('[TXT4] [TXT6] [TOOL6] %s: %i units, and an ellipsis in place of the rest', (_name, max, shown) => {
    expect(shown('x'.repeat(max - 1))).toBe('x'.repeat(max - 1));
    expect(shown('x'.repeat(max))).toBe('x'.repeat(max));
    expect(shown('x'.repeat(max + 1))).toBe(`${'x'.repeat(max)}…`);
    expect(shown(`${'x'.repeat(max - 2)}🎉`)).toBe(`${'x'.repeat(max - 2)}🎉`);
    expect(shown(`${'x'.repeat(max - 1)}🎉`)).toBe(`${'x'.repeat(max - 1)}…`);
    expect(shown(`${'x'.repeat(max)}🎉`)).toBe(`${'x'.repeat(max)}…`);
  });

  it('[TXT4] JSON is cut like any text: 2,000 units of it, brackets and escapes included', () => {
    const { previewUnitsMax: max } = limits;
    expect(preview(['x'.repeat(max - 4)])).toBe(`["${'x'.repeat(max - 4)}"]`);
    expect(preview(['x'.repeat(max - 3)])).toBe(`["${'x'.repeat(max - 3)}"…`);
    expect(preview({ a: '\u0001'.repeat(max) })).toHaveLength(max + 1);
  });

  it('[TXT4] cuts at any bound, down to one unit', () => {
    expect([1, 2, 3].map((max) => cutText('🎉x', max))).toEqual(['…', '🎉…', '🎉x']);
    expect(cutText('', 1)).toBe('');
    expect(cutText('\udc00\udc00', 1)).toBe('\ufffd…');
  });
});

function toolShown(text: string) {
  const { sessionId: session, id, name, agentId, at } = toolCallInput;
  const call = { sessionId: session, id, name, agentId, at, status: 'failed' as const };
  return shownToolEvent(toolFact(call), { arguments: text, result: text }, limits.previewUnitsMax);
}
