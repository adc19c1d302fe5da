/** Stores a large tree of messages, and measures what reads of it take. Fixed shape; one exchange after the other. */
import type { Journal, JournalEntry, ReadModel } from '../../actors/ports.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { MessageId, SessionId, TraceId, TurnId } from '../../schema/ids.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { systemIds } from '../../src/ids.ts';
import { latencyOf, newHistogram, recordMs } from '../client/latencies.ts';

/** `width` branches below one message, equally long, `messages` in all. */
export type TreeShape = { readonly messages: number; readonly width: number };

export type StoredTree = {
  readonly session: SessionId;
  readonly root: MessageId;
  /** The last question and answer of the current branch, which is the last that was stored. */
  readonly question: MessageId;
  readonly answer: MessageId;
};

const firstAt = Date.UTC(2026, 0, 1);
const entriesPerBatch = 1000;

export async function storeTree(journal: Journal, { messages, width }: TreeShape): Promise<StoredTree> {
  const session = systemIds.next<SessionId>();
  const timestamp = isoTimestamp(firstAt);
  const about = { sessionId: session, at: firstAt };
  const row = {
    id: session,
    title: 'Tree',
    status: 'active',
    createdAt: timestamp,
    updatedAt: timestamp,
  } as const;
  const root = message(session, systemIds.next(), null);
  let entries: JournalEntry[] = [
    { type: 'session.created', ...about, data: row },
    { type: 'message.created', ...about, data: root },
  ];
  let exchange = { question: root.id, answer: root.id };
  for (let branch = 0; branch < width; branch++) {
    let leaf = root.id;
    for (let stored = 0; stored < (messages - 1) / width; stored += 2) {
      exchange = { question: systemIds.next(), answer: systemIds.next() };
      entries.push(...exchangeOf(session, leaf, exchange));
      leaf = exchange.answer;
      if (entries.length < entriesPerBatch) continue;
      await journal.append(entries);
      entries = [];
    }
  }
  entries.push({ type: 'branch.selected', ...about, data: { sessionId: session, leafId: exchange.answer } });
  await journal.append(entries);
  return { session, root: root.id, ...exchange };
}

function message(sessionId: SessionId, id: MessageId, parentId: MessageId | null): MessageFact {
  const createdAt = isoTimestamp(firstAt);
  return { id, sessionId, role: 'user', content: 'What time is it? '.repeat(10), createdAt, parentId };
}

function exchangeOf(
  sessionId: SessionId,
  parent: MessageId,
  { question, answer }: { readonly question: MessageId; readonly answer: MessageId },
): readonly JournalEntry[] {
  const about = { sessionId, at: firstAt };
  const timestamp = isoTimestamp(firstAt);
  const turn = { turnId: systemIds.next<TurnId>(), sessionId, timestamp };
  const prompt = message(sessionId, question, parent);
  const answering = { promptId: question, answerId: answer, traceId: systemIds.next<TraceId>(), rank: 1 };
  const said = { ...message(sessionId, answer, question), role: 'assistant', promptId: question } as const;
  return [
    { type: 'message.created', ...about, data: prompt },
    { type: 'turn.queued', ...about, data: { ...turn, ...answering } },
    { type: 'message.created', ...about, data: said },
    { type: 'turn.ended', ...about, data: { ...turn, outcome: 'completed' } },
  ];
}

export type TreeFigures = Readonly<Record<string, number>>;

/** Milliseconds, the median of `times` reads of each kind. */
export async function treeReads(
  readModel: ReadModel,
  { session, root, question, answer }: StoredTree,
  times: number,
): Promise<TreeFigures> {
  const page = { limit: 50 };
  const newest = await readModel.messages(session, page, 'current');
  const before = newest[0]?.id;
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    newestPageMs: () => readModel.messages(session, page, 'current'),
    laterPageMs: () => readModel.messages(session, { ...page, before }, 'current'),
    placeOfLastMs: () => readModel.place(session, question),
    placeOfFirstMs: () => readModel.place(session, root),
    runsMs: () => readModel.sessionRuns(session, page),
    conversationMs: () =>
      readModel.conversation({ sessionId: session, promptId: question, answerId: answer, limit: 200 }),
  };
  const figures: Record<string, number> = {};
  for (const [name, read] of Object.entries(reads)) {
    const latencies = newHistogram();
    for (let time = 0; time < times; time++) {
      const start = performance.now();
      await read();
      recordMs(latencies, performance.now() - start);
    }
    figures[name] = latencyOf(latencies).p50Ms;
  }
  return figures;
}

/** Milliseconds that it takes to delete the first message with all below it. */
export async function treeDeletion(journal: Journal, { session, root }: StoredTree): Promise<number> {
  const start = performance.now();
  await journal.append([
    { type: 'message.deleted', sessionId: session, at: firstAt, data: { sessionId: session, id: root } },
  ]);
  return performance.now() - start;
}
