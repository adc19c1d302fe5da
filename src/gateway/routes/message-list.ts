/** The messages of a session as REST lists them: whole if the list is short, else page by page ([HTTP28]). */
import type { Page, ReadModel } from '../../../actors/ports.ts';
import type { ListedBranch } from '../../../actors/stored-rows.ts';
import { type ChatMessage, shownMessage } from '../../../schema/chat-message.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { pagesOf } from '../../transcripts/transcript-pages.ts';
import { StreamedList } from './streamed-list.ts';

export async function messageList(
  readModel: Pick<ReadModel, 'messages' | 'messageSizes' | 'messagesOf'>,
  session: SessionId,
  page: Page<MessageId>,
  branch: ListedBranch,
): Promise<readonly ChatMessage[] | StreamedList> {
  const sizes = await readModel.messageSizes(session, page, branch);
  const bytes = sizes.reduce((sum, size) => sum + size.bytes, 0);
  if (bytes <= limits.listWholeBytesMax)
    return (await readModel.messages(session, page, branch)).map(shownMessage);
  async function* items(): AsyncGenerator<ChatMessage> {
    for (const some of pagesOf(sizes, (size) => size.bytes)) {
      const facts = await readModel.messagesOf(
        session,
        some.map(({ id }) => id),
      );
      for (const fact of facts) yield shownMessage(fact);
    }
  }
  return new StreamedList(items());
}
