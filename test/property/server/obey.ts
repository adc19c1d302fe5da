/** Gives a command to the server and to the model, and compares the answers. */
import { randomUUID } from 'node:crypto';
import {
  defaultRuntimeConfig,
  type RuntimeConfig,
  type UpdateRuntimeConfig,
} from '../../../schema/runtime-config.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { type Answer, textAt } from '../../processes/baseline-client.ts';
import { expectEqual } from './agreement.ts';
import type { DrivenServer } from './driven-server.ts';
import { LiveReader } from './live-reader.ts';
import type { Order } from './orders.ts';
import { ModelSession, type OwnMessage, type ReferenceModel, type Talk, talks } from './reference-model.ts';

export async function obey(order: Order, model: ReferenceModel, server: DrivenServer): Promise<void> {
  switch (order.kind) {
    case 'create':
      return create(order, model, server);
    case 'update':
    case 'archive':
    case 'delete':
      return change(order, model, server);
    case 'send':
      return send(order, model, server);
    case 'store':
      return store(order, model, server);
    case 'sendAgain':
      return sendAgain(order, model, server);
    case 'repeat':
      return repeat(order, model, server);
    case 'cancel':
      return cancel(order, model, server);
    case 'regenerate':
    case 'select':
    case 'remove':
    case 'edit':
      return changeTree(order, model, server);
    case 'config':
      return configure(order, model, server);
    case 'subscribe':
      return subscribe(order, model, server);
    case 'drop':
    case 'resume':
      return reconnect(order, model, server);
    case 'restart':
      await server.restart(order.how);
      for (const session of model.sessions) if (!session.deleted) session.restart();
      model.readers.fill(false);
      return;
    default:
      return unreachable(order);
  }
}

type OrderOf<Kind extends Order['kind']> = Extract<Order, { kind: Kind }>;

/** A request; if it has a name, its answer is kept so that it can be repeated. */
async function request(
  { method, path, body, named }: { method: string; path: string; body?: unknown; named: boolean },
  model: ReferenceModel,
  server: DrivenServer,
): Promise<Answer> {
  const key = named ? `${server.run} ${model.names.length}` : undefined;
  const answer = await server.call(method, path, body, key);
  // A refusal has no effect, and its name stays free.
  if (key !== undefined && answer.status < 400) model.names.push({ key, method, path, body, answer });
  return answer;
}

async function create(order: OrderOf<'create'>, model: ReferenceModel, server: DrivenServer): Promise<void> {
  const { title, description, named } = order;
  const body = { title, description };
  const answer = await request({ method: 'POST', path: '/chat-sessions', body, named }, model, server);
  expectEqual(answer.status, 201, 'creating a session');
  model.sessions.push(new ModelSession(textAt(answer.body, 'id'), title, description));
}

async function change(
  order: OrderOf<'update'> | OrderOf<'archive' | 'delete'>,
  model: ReferenceModel,
  server: DrivenServer,
): Promise<void> {
  const session = sessionAt(model, order.session);
  const path = `/chat-sessions/${session.id}`;
  const { named } = order;
  const asked =
    order.kind === 'update'
      ? { method: 'PATCH', path, body: order.patch, named }
      : order.kind === 'archive'
        ? { method: 'PATCH', path: `${path}/archive`, named }
        : { method: 'DELETE', path, named };
  const { status } = await request(asked, model, server);
  if (session.deleted) return expectEqual(status, 404, `${order.kind} of a deleted session`);
  expectEqual(status, order.kind === 'delete' ? 204 : 200, order.kind);
  if (order.kind === 'archive') session.archived = true;
  if (order.kind === 'delete') session.delete();
  if (order.kind !== 'update') return;
  session.title = order.patch.title ?? session.title;
  if (order.patch.description !== undefined) session.description = order.patch.description ?? undefined;
}

async function send(order: OrderOf<'send'>, model: ReferenceModel, server: DrivenServer): Promise<void> {
  const session = sessionAt(model, order.session);
  const { talk, named, by } = order;
  const body = { ...(order.ownId ? { id: randomUUID() } : {}), content: talks[talk] };
  const id = await sent(session, body, { by, named }, model, server);
  if (id === undefined) return expectEqual(session.deleted, true, 'a message that was not found');
  if (body.id !== undefined) {
    expectEqual(id, body.id, 'the id of a message');
    model.own.push({ session, body, id });
  }
  session.ask(id, talk);
}

/** The id of the message, or `undefined` if its session was not found. */
async function sent(
  session: ModelSession,
  body: object,
  { by, named }: { readonly by: 'rest' | 'socket'; readonly named: boolean },
  model: ReferenceModel,
  server: DrivenServer,
): Promise<string | undefined> {
  if (by === 'socket') {
    const { ok, data } = await server.ask('message.send', { sessionId: session.id, message: body });
    if (!ok) expectEqual(data['code'], 'not_found', 'a message over a socket');
    return ok ? textAt(data, 'id') : undefined;
  }
  const path = `/chat-sessions/${session.id}/messages`;
  const answer = await request({ method: 'POST', path, body, named }, model, server);
  if (answer.status === 404) return undefined;
  expectEqual(answer.status, 201, 'a message');
  return textAt(answer.body, 'id');
}

async function store(order: OrderOf<'store'>, model: ReferenceModel, server: DrivenServer): Promise<void> {
  const session = sessionAt(model, order.session);
  const { role, content } = order;
  const id = await sent(session, { role, content }, { by: 'rest', named: false }, model, server);
  if (id === undefined) return expectEqual(session.deleted, true, 'a message that was not found');
  session.store(id, role, content);
}

async function sendAgain(
  order: OrderOf<'sendAgain'>,
  model: ReferenceModel,
  server: DrivenServer,
): Promise<void> {
  const alive = model.own.filter(({ session }) => !session.deleted);
  const { session, body, id }: OwnMessage = at(alive, order.message);
  const message = order.same ? body : { ...body, content: 'Something else' };
  if (order.by === 'rest') {
    const answer = await server.call('POST', `/chat-sessions/${session.id}/messages`, message);
    expectEqual(answer.status, order.same ? 201 : 409, 'a message id that comes again');
    if (order.same) expectEqual(textAt(answer.body, 'id'), id, 'the message that came again');
    return;
  }
  const { ok, data } = await server.ask('message.send', { sessionId: session.id, message });
  expectEqual(ok ? data['id'] : data['code'], order.same ? id : 'conflict', 'a message id that comes again');
}

async function repeat(order: OrderOf<'repeat'>, model: ReferenceModel, server: DrivenServer): Promise<void> {
  const { key, method, path, body, answer } = at(model.names, order.name);
  if (order.same) {
    expectEqual(await server.call(method, path, body, key), answer, 'a request that comes again');
    return;
  }
  const other = await server.call('POST', '/chat-sessions', { title: 'Another request' }, key);
  expectEqual(other.status, 409, 'a name that was used for another request');
}

async function cancel(order: OrderOf<'cancel'>, model: ReferenceModel, server: DrivenServer): Promise<void> {
  const session = sessionAt(model, order.session);
  const { promptId } =
    order.prompt === null || session.turns.length === 0
      ? { promptId: undefined }
      : at(session.turns, order.prompt);
  const meant = promptId === undefined ? {} : { messageId: promptId };
  const { found, result } = await cancelled(order.by, session.id, meant, server);
  expectEqual(found, !session.deleted, 'a session to cancel in');
  if (found)
    expectEqual(result, { sessionId: session.id, cancelled: session.cancel(promptId) }, 'cancelling');
}

async function changeTree(
  order: OrderOf<'edit'> | OrderOf<'regenerate' | 'select' | 'remove'>,
  model: ReferenceModel,
  server: DrivenServer,
): Promise<void> {
  const quiet = model.sessions.flatMap((session) =>
    session.quietQuestions.map((node) => ({ session, node })),
  );
  const { session, node } = at(quiet, order.question);
  const messageId = String(node.message.id);
  const { event, method, path, body, status } = treeRequests[order.kind](messageId, order);
  let answer: unknown;
  if (order.by === 'rest') {
    const given = await server.call(method, `/chat-sessions/${session.id}${path}`, body);
    expectEqual(given.status, status, order.kind);
    answer = given.body;
  } else {
    const given = await server.ask(event, { sessionId: session.id, messageId, ...body });
    expectEqual(given.ok, true, order.kind);
    answer = given.data;
  }
  switch (order.kind) {
    case 'regenerate':
      expectEqual(textAt(answer, 'promptId'), messageId, 'the question that is answered again');
      return session.regenerate(node);
    case 'edit':
      return session.edit(node, textAt(answer, 'id'), order.talk);
    case 'select':
      return session.select(node);
    case 'remove':
      return session.remove(node);
    default:
      return unreachable(order);
  }
}

/** The same request over REST and as a frame. */
const treeRequests = {
  regenerate: (id: string) => ({
    event: 'message.regenerate',
    method: 'POST',
    path: `/messages/${id}/regenerate`,
    body: {},
    status: 201,
  }),
  edit: (id: string, order: object) => ({
    event: 'message.edit',
    method: 'PATCH',
    path: `/messages/${id}`,
    body: { content: 'talk' in order ? talks[order.talk as Talk] : '' },
    status: 201,
  }),
  select: (id: string) => ({
    event: 'branch.select',
    method: 'PUT',
    path: '/branch',
    body: { leafId: id },
    status: 200,
  }),
  remove: (id: string) => ({
    event: 'message.delete',
    method: 'DELETE',
    path: `/messages/${id}`,
    body: undefined,
    status: 204,
  }),
} as const;

async function cancelled(
  by: 'rest' | 'socket',
  sessionId: string,
  meant: object,
  server: DrivenServer,
): Promise<{ readonly found: boolean; readonly result: unknown }> {
  if (by === 'socket') {
    const { ok, data } = await server.ask('turn.cancel', { sessionId, ...meant });
    if (!ok) expectEqual(data['code'], 'not_found', 'cancelling over a socket');
    return { found: ok, result: data };
  }
  const { status, body } = await server.call('POST', `/chat-sessions/${sessionId}/cancel`, meant);
  expectEqual(status === 404 || status === 200, true, `cancelling, answered ${status}`);
  return { found: status === 200, result: body };
}

async function configure(
  order: OrderOf<'config'>,
  model: ReferenceModel,
  server: DrivenServer,
): Promise<void> {
  const { patch, named } = order;
  const answer = await request({ method: 'PATCH', path: '/config', body: patch, named }, model, server);
  expectEqual(answer.status, 200, 'a patch of the config');
  model.config = mergedConfig(model.config ?? defaultRuntimeConfig, patch);
  expectEqual(answer.body, model.config, 'the patched config');
}

function mergedConfig(config: RuntimeConfig, { features, ...rest }: UpdateRuntimeConfig): RuntimeConfig {
  const merged = Object.entries({ ...config.features, ...features }).filter(([key]) => key !== '__proto__');
  return { ...config, ...(rest as Partial<RuntimeConfig>), features: Object.fromEntries(merged) };
}

async function subscribe(
  order: OrderOf<'subscribe'>,
  model: ReferenceModel,
  server: DrivenServer,
): Promise<void> {
  const session = order.session === null ? undefined : sessionAt(model, order.session);
  const reader = new LiveReader({ namespaces: order.namespaces, sessionId: session?.id });
  server.readers.push(reader);
  model.readers.push(true);
  await server.connect(reader);
  expectEqual(reader.refused, session?.deleted === true, 'the refusal of a subscription');
}

async function reconnect(
  order: OrderOf<'drop' | 'resume'>,
  model: ReferenceModel,
  server: DrivenServer,
): Promise<void> {
  const isDrop = order.kind === 'drop';
  const candidates = server.readers.filter((reader) => reader.isConnected === isDrop);
  const reader = at(candidates, order.reader);
  model.readers[server.readers.indexOf(reader)] = !isDrop;
  if (isDrop) return reader.drop();
  const { position } = reader;
  await server.connect(reader);
  // A session deleted after the cursor still has events to send.
  const end = server.watcher.durable.find(
    ({ event, data }) => event === 'session.deleted' && data['id'] === reader.selection.sessionId,
  );
  expectEqual(reader.refused, end !== undefined && end.seq <= position, 'the refusal of a resumption');
}

function sessionAt(model: ReferenceModel, nth: number): ModelSession {
  return at(model.sessions, nth);
}

function at<Value>(list: readonly Value[], nth: number): Value {
  const value = list[nth % list.length];
  if (value === undefined) throw new Error('the list is empty');
  return value;
}
