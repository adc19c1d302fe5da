/** Limits: each bound can be reached, and the relations between them hold. */
import { describe, expect, it } from 'vitest';
import { createChatMessageSchema } from '../../schema/create-message.ts';
import { limits } from '../../schema/limits.ts';
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

  it('[LIM2] let the longest legal message through a body and a frame, however it is escaped', () => {
    const content = '\\ud83c\\udf89'.repeat(limits.contentCharactersMax);
    const body = `{"role":"developer","content":"${content}"}`;
    expect(createChatMessageSchema.safeParse(JSON.parse(body)).success).toBe(true);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limits.bodyBytesMax);
    expect(limits.bodyBytesMax).toBeLessThanOrEqual(limits.clientFrameBytesMax);
  });

  it('[LIM2] let the longest answer and the longest previews into a socket buffer, however they are escaped', () => {
    const answer = serverFrame('message.updated', { content: '\u0001'.repeat(limits.answerUnitsMax) });
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
