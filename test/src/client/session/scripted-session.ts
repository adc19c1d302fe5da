/**
 * A session as a server keeps it, as far as its clients can tell: a tree of messages with a leaf, a queue, one answer at
 * a time. Each change says the events that the real one says, in the same order.
 */
import type { ChatMessage, MessageStatus } from '../../../../schema/chat-message.ts';
import type { ChatSession } from '../../../../schema/chat-session.ts';
import type { MessageId } from '../../../../schema/ids.ts';
import { isoTimestamp } from '../../../../schema/timestamp.ts';
import { messageId, session, sessionId } from '../sample-frames.ts';

export type ScriptedFrame = { readonly event: string; readonly data: object; readonly seq?: number };

type Running = { readonly promptId: MessageId; answerId: MessageId | undefined };

const start = Date.parse('2026-01-01T00:00:00.000Z');

export class ScriptedSession {
  /** In order of creation. */
  messages: readonly ChatMessage[] = [];
  /** What REST knows of the text of the answer that is being given. */
  #stored = '';
  #info: ChatSession = session();
  #running: Running | undefined;
  #made = 0;
  seq: number;
  readonly log: ScriptedFrame[] = [];
  /** Every list that the session has had, by the ids of its messages. */
  readonly lists = new Set<string>(['']);
  readonly #say: (frame: ScriptedFrame, isLost?: boolean) => void;

  constructor(seq: number, say: (frame: ScriptedFrame, isLost?: boolean) => void) {
    this.seq = seq;
    this.#say = say;
  }

  get info(): ChatSession {
    return this.#info;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The list that clients are to show. */
  get list(): readonly ChatMessage[] {
    const path: ChatMessage[] = [];
    let next = this.#find(this.#info.leafId);
    while (next !== undefined) {
      path.unshift(next);
      next = this.#find(next.parentId ?? undefined);
    }
    return [...path, ...this.#waiting];
  }

  /** The messages as REST has them: without the text that is not stored yet. */
  stored(messages: readonly ChatMessage[]): readonly ChatMessage[] {
    return messages.map((message) =>
      message.status === 'streaming' ? said(message, this.#stored) : message,
    );
  }

  /** What a client that joins in the middle is told of the text that grows. */
  get snapshot(): ChatMessage | undefined {
    const growing = this.messages.find(({ status }) => status === 'streaming');
    return growing?.content === '' ? undefined : growing;
  }

  get questions(): readonly ChatMessage[] {
    return this.messages.filter(({ promptId }) => promptId === undefined);
  }

  get placed(): readonly ChatMessage[] {
    return this.messages.filter(({ queueRank }) => queueRank === undefined);
  }

  get #waiting(): readonly ChatMessage[] {
    return this.messages
      .filter(({ queueRank }) => queueRank !== undefined)
      .toSorted((one, other) => (one.queueRank ?? 0) - (other.queueRank ?? 0));
  }

  get waiting(): readonly ChatMessage[] {
    return this.#waiting;
  }

  #find(id: MessageId | undefined): ChatMessage | undefined {
    return this.messages.find((message) => message.id === id);
  }

  #tell(event: string, data: object): void {
    const frame = { event, data, seq: ++this.seq };
    this.log.push(frame);
    this.lists.add(this.list.map(({ id }) => id).join());
    this.#say(frame);
  }

  #new(given: Partial<ChatMessage>): ChatMessage {
    const count = ++this.#made;
    const fresh: ChatMessage = {
      id: messageId(count),
      sessionId,
      role: 'user',
      content: `m${count}`,
      createdAt: isoTimestamp(start + count),
      status: 'complete',
      parts: [],
      ...given,
    };
    return said(fresh, fresh.content);
  }

  #add(message: ChatMessage, isLeaf: boolean): void {
    this.messages = [...this.messages, message];
    if (isLeaf) this.#leaf(message.id);
    this.#tell('message.created', message);
    this.#touch();
  }

  #touch(title = this.#info.title): void {
    this.#info = { ...this.#info, title, updatedAt: isoTimestamp(start + this.seq) };
    this.#tell('session.updated', this.#info);
  }

  #set(message: ChatMessage): void {
    this.messages = this.messages.map((known) => (known.id === message.id ? message : known));
  }

  #leaf(leafId: MessageId | undefined): void {
    const { leafId: _, ...info } = this.#info;
    this.#info = leafId === undefined ? info : { ...info, leafId };
  }

  #select(leafId: MessageId | undefined): void {
    if (leafId === this.#info.leafId) return;
    this.#leaf(leafId);
    this.#tell('branch.selected', { sessionId, leafId: leafId ?? null });
  }

  rename(title: string): void {
    this.#touch(title);
  }

  ask(): void {
    const isBusy = this.#running !== undefined || this.#waiting.length > 0;
    const rank = (this.#waiting.at(-1)?.queueRank ?? 0) + 1;
    const place = isBusy ? { queueRank: rank } : { parentId: this.#info.leafId ?? null };
    const message = this.#new(place);
    this.#add(message, !isBusy);
    if (!isBusy) this.#running = { promptId: message.id, answerId: undefined };
  }

  /** The answer begins with this text; with none, it begins with reasoning. */
  begin(content: string): void {
    const running = this.#running;
    if (running === undefined || running.answerId !== undefined) return;
    const { promptId } = running;
    const answer = this.#new({
      role: 'assistant',
      parentId: promptId,
      promptId,
      status: 'streaming',
      content,
    });
    running.answerId = answer.id;
    this.#stored = content;
    this.#add(answer, this.#info.leafId === promptId);
  }

  /** More text; `repeated` units before it are sent again with it. `isLost`: the frame never leaves the server. */
  grow(text: string, repeated: number, isLost: boolean): void {
    const answer = this.#find(this.#running?.answerId);
    if (answer === undefined) return;
    const offset = Math.max(0, answer.content.length - repeated);
    const content = answer.content + text;
    this.#set(said(answer, content));
    const data = { sessionId, messageId: answer.id, offset, text: content.slice(offset) };
    this.#say({ event: 'message.delta', data }, isLost);
  }

  store(): void {
    this.#stored = this.#find(this.#running?.answerId)?.content ?? '';
  }

  end(status: MessageStatus): void {
    this.#stop(status);
    this.#next();
  }

  #stop(status: MessageStatus): void {
    const answer = this.#find(this.#running?.answerId);
    this.#running = undefined;
    if (answer === undefined) return;
    const ended = { ...answer, status };
    this.#set(ended);
    this.#tell('message.updated', ended);
  }

  #next(): void {
    const [next] = this.#waiting;
    if (this.#running !== undefined || next === undefined) return;
    const { queueRank: _, ...rest } = next;
    const message = { ...rest, parentId: this.#info.leafId ?? null };
    this.#set(message);
    this.lists.add(this.list.map(({ id }) => id).join());
    this.#leaf(message.id);
    this.#tell('message.updated', message);
    this.#tell('branch.selected', { sessionId, leafId: message.id });
    this.#running = { promptId: message.id, answerId: undefined };
  }

  regenerate(target: ChatMessage): void {
    this.#stop('cancelled');
    const promptId = target.promptId ?? target.id;
    this.#select(promptId);
    this.#running = { promptId, answerId: undefined };
  }

  /** An answer that was cut off goes on. */
  goOn(target: ChatMessage): void {
    const hasChildren = this.messages.some(({ parentId }) => parentId === target.id);
    const isWhole = target.status === 'complete' || target.status === 'streaming';
    if (target.promptId === undefined || isWhole || hasChildren || target.content === '') return;
    this.#stop('cancelled');
    this.#select(target.id);
    const reopened: ChatMessage = { ...target, status: 'streaming' };
    this.#set(reopened);
    this.#stored = target.content;
    this.#running = { promptId: target.promptId, answerId: target.id };
    this.#tell('message.updated', reopened);
  }

  edit(target: ChatMessage): void {
    if (target.queueRank !== undefined) {
      const changed = said(target, `${target.content}!`);
      this.#set(changed);
      this.#tell('message.updated', changed);
      return;
    }
    this.#stop('cancelled');
    const version = this.#new({ parentId: target.parentId ?? null });
    this.#add(version, true);
    this.#running = { promptId: version.id, answerId: undefined };
  }

  select(target: ChatMessage): void {
    this.#select(this.#newestLeafBelow(target.id));
  }

  #newestLeafBelow(id: MessageId): MessageId {
    const child = this.messages.findLast(({ parentId }) => parentId === id);
    return child === undefined ? id : this.#newestLeafBelow(child.id);
  }

  delete({ id, parentId }: ChatMessage): void {
    const below = new Set([id]);
    for (let size = 0; size < below.size; ) {
      size = below.size;
      for (const message of this.messages) {
        if (message.parentId !== undefined && message.parentId !== null && below.has(message.parentId)) {
          below.add(message.id);
        }
      }
    }
    if (this.#running !== undefined && below.has(this.#running.promptId)) this.#stop('cancelled');
    else if (this.#running?.answerId !== undefined && below.has(this.#running.answerId))
      this.#stop('cancelled');
    const { leafId } = this.#info;
    const isOnBranch = leafId !== undefined && below.has(leafId);
    this.messages = this.messages.filter((message) => !below.has(message.id));
    // Until the next event the branch ends before what was deleted.
    if (isOnBranch) this.#leaf(parentId ?? undefined);
    this.#tell('message.deleted', { sessionId, id });
    if (isOnBranch) {
      const sibling = this.messages.findLast(
        (message) => message.parentId === parentId && parentId !== undefined,
      );
      const next = sibling === undefined ? (parentId ?? undefined) : this.#newestLeafBelow(sibling.id);
      this.#leaf(next);
      this.#tell('branch.selected', { sessionId, leafId: next ?? null });
    }
    this.#next();
  }

  sendNow(target: ChatMessage): void {
    const first = { ...target, queueRank: (this.#waiting[0]?.queueRank ?? 0) - 1 };
    this.#set(first);
    this.#tell('message.updated', first);
    this.end('cancelled');
  }
}

function said(message: ChatMessage, content: string): ChatMessage {
  return { ...message, content, parts: content === '' ? [] : [{ type: 'text', text: content }] };
}
