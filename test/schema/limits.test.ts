/** Limits: each bound can be reached, and the relations between them hold. */
import { describe, expect, it } from 'vitest';
import { createChatMessageSchema } from '../../schema/create-message.ts';
import { limits } from '../../schema/limits.ts';
import { clientFrameBytesMax, lengthErrors, messageBytesMax } from '../../schema/message-bounds.ts';
import { preview } from '../../schema/preview.ts';
import { serverFrame } from '../../schema/wire/frame.ts';

describe('limits', () => {
  it.each(Object.entries(limits))('[LIM1] %s is a whole, positive, safe number', (_name, limit) => {
    expect(Number.isSafeInteger(limit)).toBe(true);
    expect(limit).toBeGreaterThan(0);
  });

  it('[LIM1] are those of the protocol where it names one', () => {
    expect(limits).toMatchObject({
      titleCharactersMax: 120,
      descriptionCharactersMax: 280,
      contentCharactersMax: 4000,
      previewUnitsMax: 2000,
      logRingEntriesMax: 200,
      checkpointUnitsMax: 4096,
      checkpointIntervalMs: 250,
    });
  });

  it('[TRC7] let the longest turn append all its spans', () => {
    const perStep = limits.modelRetriesMax + 1 + limits.stepToolCallsMax;
    expect(limits.turnStepsLegalMax * perStep + 1).toBeLessThanOrEqual(limits.traceSpansMax);
  });

  it('[LIM2] let the longest legal message through a body and a frame, however it is escaped', () => {
    const bounds = { contentCharactersMax: 1, messageCharactersMax: limits.messageCharactersLegalMax };
    const escaped = (characters: number) => '\\ud83c\\udf89'.repeat(characters);
    const source = `{"type":"source","url":"${escaped(limits.urlCharactersMax)}"}`;
    const sources = Array.from({ length: limits.messagePartsMax - 1 }, () => source);
    const left = limits.messageCharactersLegalMax - sources.length * limits.urlCharactersMax;
    const parts = [...sources, `{"type":"text","text":"${escaped(left)}"}`];
    const options = `{"systemPrompt":"${escaped(limits.systemPromptCharactersMax)}"}`;
    const body = `{"role":"developer","parts":[${parts.join(',')}],"options":${options}}`;
    const parsed = createChatMessageSchema.safeParse(JSON.parse(body));
    expect(parsed.data && lengthErrors(parsed.data, bounds)).toEqual([]);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(messageBytesMax(bounds));
    expect(messageBytesMax(bounds)).toBeLessThanOrEqual(clientFrameBytesMax(bounds));
    expect(limits.bodyBytesMax).toBeLessThanOrEqual(clientFrameBytesMax(bounds));
  });

  it('[LIM2] let the longest answer and the longest previews into a socket buffer, however they are escaped', () => {
    const content = '\u0001'.repeat(limits.answerUnitsMax);
    const reasoning = '\u0001'.repeat(limits.reasoningUnitsMax);
    const parts = [
      { type: 'reasoning', text: reasoning },
      { type: 'text', text: content },
    ];
    const answer = serverFrame('message.updated', { content, parts });
    expect(Buffer.byteLength(answer)).toBeLessThan(limits.socketBufferBytesMax);
    const text = preview('\u0001'.repeat(limits.toolResultUnitsMax));
    const result = serverFrame('tool.result', { arguments: text, result: text });
    expect(Buffer.byteLength(result)).toBeLessThan(limits.socketBufferBytesMax);
  });

  it('[LIM2] stand in the relations that the system relies on', () => {
    expect(limits.sessionCommandsMax).toBeGreaterThan(limits.turnsWaitingMax);
    expect(limits.journalBatchEventsMax).toBeLessThan(limits.journalQueueEventsMax);
    expect(limits.checkpointUnitsMax).toBeLessThan(limits.answerUnitsMax);
    expect(limits.failureReasonUnitsMax).toBeLessThan(limits.toolResultUnitsMax);
    expect(limits.historyMessagesMax).toBeLessThanOrEqual(limits.listRowsMax);
    expect(limits.journalRetryMs).toBeLessThanOrEqual(limits.journalRetryMsMax);
  });
});
