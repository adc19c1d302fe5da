/** A list of messages, read in one piece; its sizes and its pages must be those of the same list. */
import { expect } from 'vitest';
import type { Page, ReadModel } from '../../actors/ports.ts';
import type { ListedBranch } from '../../actors/stored-rows.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../schema/ids.ts';

export async function listedInPages(
  readModel: ReadModel,
  session: SessionId,
  page: Page<MessageId>,
  branch: ListedBranch,
): Promise<readonly MessageFact[]> {
  const [whole, sizes] = await Promise.all([
    readModel.messages(session, page, branch),
    readModel.messageSizes(session, page, branch),
  ]);
  const ids = whole.map(({ id }) => id);
  expect(sizes.map(({ id }) => id)).toEqual(ids);
  expect(await readModel.messagesOf(session, ids)).toStrictEqual(whole);
  for (const [index, { marks, content }] of whole.entries()) {
    // What streams has pieces beside what was stored as a whole.
    if (marks === undefined && whole[index]?.status !== 'streaming')
      expect(sizes[index]?.bytes).toBeLessThanOrEqual(Buffer.byteLength(content));
  }
  return whole;
}
