/** After every step: REST's answers and each reader's state must equal the model. */
import { isDeepStrictEqual } from 'node:util';
import type { DrivenServer } from './driven-server.ts';
import { type DurableEvent, isSelected, type LiveReader } from './live-reader.ts';
import type { ModelMessage, ModelSession, ReferenceModel } from './reference-model.ts';

type Row = Readonly<Record<string, unknown>>;

export async function expectAgreement(model: ReferenceModel, server: DrivenServer): Promise<void> {
  await settle(model, server);
  await expectSessions(model, server);
  for (const session of model.sessions) if (!session.deleted) await expectSession(session, server);
  await expectTraces(model, server);
  const config = await rowAt(server, '/config');
  expectEqual(config, model.config, 'the config');
  for (const reader of server.readers) if (reader.isConnected) await expectReader(reader, model, server);
}

/** Resolves when every turn that can end has ended, as seen by the watcher. */
async function settle(model: ReferenceModel, { watcher }: DrivenServer): Promise<void> {
  for (const session of model.sessions) {
    if (session.deleted) continue;
    const running = session.running !== undefined;
    const isSettled = () =>
      session.begun.every(
        ({ promptId, state }) =>
          state === 'running' || endedTurns(watcher.durable, promptId) >= turnsOf(session, promptId),
      ) &&
      (running
        ? answersIn(watcher.durable, session) >= session.assistantMessages
        : (watcher.activity.get(session.id) ?? 'idle') === 'idle');
    await watcher.until(isSettled, `the end of the turns of session ${session.id}`);
  }
  // The answer comes after everything that was published before.
  await watcher.ask('ping', {});
  watcher.expectSound();
  watcher.caughtUp();
}

function endedTurns(events: readonly DurableEvent[], promptId: string): number {
  return events.filter(({ event, data }) => {
    const { metadata, status } = data as { metadata?: Row; status?: string };
    return event === 'trace.updated' && metadata?.['messageId'] === promptId && status !== 'running';
  }).length;
}

function turnsOf({ begun }: ModelSession, promptId: string): number {
  return begun.filter((turn) => turn.promptId === promptId && turn.state !== 'running').length;
}

function answersIn(events: readonly DurableEvent[], { id }: ModelSession): number {
  return events.filter(
    ({ event, data }) =>
      event === 'message.created' && data['sessionId'] === id && data['role'] === 'assistant',
  ).length;
}

async function expectSessions(model: ReferenceModel, server: DrivenServer): Promise<void> {
  const rows = (await rowsAt(server, '/chat-sessions')).filter(({ id }) =>
    model.sessions.some((session) => session.id === id),
  );
  const alive = model.sessions.filter(({ deleted }) => !deleted);
  expectEqual(ids(rows).toSorted(), ids(alive).toSorted(), 'the list of sessions');
  const times = rows.map(({ updatedAt }) => String(updatedAt));
  expectEqual(times, times.toSorted().toReversed(), 'the order of the list of sessions');
}

async function expectSession(session: ModelSession, server: DrivenServer): Promise<void> {
  const { id, title, description, archived } = session;
  const row = await rowAt(server, `/chat-sessions/${id}`);
  const { createdAt, updatedAt, leafId, ...rest } = row;
  const status = archived ? 'archived' : 'active';
  const expected = { id, title, ...(description === undefined ? {} : { description }), status };
  expectEqual(rest, expected, 'the session');
  if (String(createdAt) > String(updatedAt)) throw new Error(`${id} was updated before it was created`);
  const messages = await rowsAt(server, `/chat-sessions/${id}/messages`);
  expectEqual(
    messages.map((message, index) => shown(message, session.messages[index])),
    session.messages,
    `the messages of ${id}`,
  );
  for (const { content } of messages) if (content === '') throw new Error('a message is empty');
  expectTree(messages, leafId, session);
  expectEqual(toldSession(server.watcher.durable, id), row, 'the session as told');
  if (session.running === undefined) {
    const all = await rowsAt(server, `/chat-sessions/${id}/messages?branch=all`);
    expectEqual(toldMessages(server.watcher.durable, id), all, 'the messages as told');
  }
  for (const message of messages) expectTold(message, session, server.watcher);
}

/** Each message of the branch is below the one before it, the last is the leaf, and what waits has no place. */
function expectTree(messages: readonly Row[], leafId: unknown, { path }: ModelSession): void {
  const placed = messages.slice(0, path.length);
  const parents = placed.map(({ parentId }) => parentId);
  expectEqual(parents, placed.length === 0 ? [] : [null, ...ids(placed.slice(0, -1))], 'the branch');
  expectEqual(leafId, placed.at(-1)?.['id'], 'the leaf');
  const waiting = messages.slice(path.length);
  for (const row of waiting) expectEqual('parentId' in row, false, 'a place of what waits');
  const ranks = waiting.map(({ queueRank }) => Number(queueRank));
  expectEqual(
    ranks,
    ranks.toSorted((one, other) => one - other),
    'the queue',
  );
}

/** The session as its events say: its last event, and the branch that was selected since. */
function toldSession(events: readonly DurableEvent[], id: string): Row | undefined {
  let session: Row | undefined;
  for (const { event, data } of events) {
    if (event.startsWith('session.') && data['id'] === id) session = data;
    if (event !== 'branch.selected' || data['sessionId'] !== id || session === undefined) continue;
    const { leafId: _, ...rest } = session;
    session = data['leafId'] === null ? rest : { ...rest, leafId: data['leafId'] };
  }
  return session;
}

/** The messages as their events say, in order of creation. */
function toldMessages(events: readonly DurableEvent[], sessionId: string): readonly Row[] {
  const told = new Map<unknown, Row>();
  for (const { event, data } of events) {
    if (data['sessionId'] !== sessionId) continue;
    if (event === 'message.created' || event === 'message.updated') told.set(data['id'], data);
    if (event === 'message.deleted') {
      told.delete(data['id']);
      // A message comes before what is below it.
      for (const [id, { parentId }] of told) {
        if (typeof parentId === 'string' && !told.has(parentId)) told.delete(id);
      }
    }
  }
  return [...told.values()];
}

/** A message as the model expects it; what the model does not know is left open. */
function shown(message: Row, model: ModelMessage | undefined): Row {
  return {
    id: model?.id === null ? null : message['id'],
    role: message['role'],
    content: model?.content === null ? null : message['content'],
    status: message['status'],
  };
}

/** A reader's text of a message equals REST's; for a growing message it is at least as long. */
function expectTold(message: Row, session: ModelSession, reader: LiveReader): void {
  const text = reader.texts.get(String(message['id']));
  if (text === undefined) return;
  const content = String(message['content']);
  const grows = session.running !== undefined && message['role'] === 'assistant';
  if (grows ? !text.startsWith(content) && !content.startsWith(text) : text !== content) {
    throw new Error(`a reader has ${JSON.stringify(text)}, REST shows ${JSON.stringify(content)}`);
  }
}

async function expectTraces(model: ReferenceModel, server: DrivenServer): Promise<void> {
  const turns = model.sessions.flatMap(({ id, begun }) => begun.map((turn) => ({ sessionId: id, ...turn })));
  const traces = (await rowsAt(server, '/traces?limit=5000')).filter(({ sessionId }) =>
    model.sessions.some(({ id }) => id === sessionId),
  );
  expectEqual(
    traces
      .map(({ sessionId, metadata, status }) => [sessionId, (metadata as Row)['messageId'], status])
      .toSorted(),
    turns.map(({ sessionId, promptId, state }) => [sessionId, promptId, state]).toSorted(),
    'the traces',
  );
}

/** Every selected event since the reader joined, once and in order; growing texts, and activities. */
async function expectReader(reader: LiveReader, model: ReferenceModel, server: DrivenServer): Promise<void> {
  const expected = server.watcher.durable.filter(
    (event) => event.seq > reader.startSeq && isSelected(reader.selection, event),
  );
  const awaited = reader.refused ? reader.durable : expected;
  await reader.until(() => reader.durable.length >= awaited.length, 'everything that the reader selects');
  await reader.ask('ping', {});
  reader.expectSound();
  expectEqual(reader.durable, awaited, 'what the reader got');
  reader.caughtUp();
  if (reader.refused) return;
  const { namespaces, sessionId } = reader.selection;
  for (const session of model.sessions) {
    if (session.deleted || (sessionId ?? session.id) !== session.id) continue;
    if (namespaces.includes('chat-sessions')) {
      const activity = reader.activity.get(session.id) ?? 'idle';
      expectEqual(activity, session.running === undefined ? 'idle' : 'thinking', 'the activity told');
    }
    const messages = await rowsAt(server, `/chat-sessions/${session.id}/messages`);
    if (session.running !== undefined && namespaces.includes('chat-messages')) {
      const growing =
        messages[session.messages.findLastIndex(({ id, content }) => id === null && content === null)];
      await reader.until(() => reader.texts.has(String(growing?.['id'])), 'the text that grows');
    }
    if (namespaces.includes('chat-sessions')) {
      for (const message of messages) expectTold(message, session, reader);
    }
  }
}

async function rowAt(server: DrivenServer, path: string): Promise<Row> {
  const { status, body } = await server.call('GET', path);
  if (status !== 200 || typeof body !== 'object' || body === null)
    throw new Error(`GET ${path} is ${status}`);
  return body as Row;
}

async function rowsAt(server: DrivenServer, path: string): Promise<readonly Row[]> {
  const rows: unknown = await rowAt(server, path);
  if (!Array.isArray(rows)) throw new Error(`GET ${path} gives no list`);
  return rows;
}

function ids(rows: readonly { readonly id?: unknown }[]): string[] {
  return rows.map(({ id }) => String(id));
}

export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: the server has ${JSON.stringify(actual)}, the model ${JSON.stringify(expected)}`);
}
