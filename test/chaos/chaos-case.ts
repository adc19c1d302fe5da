/**
 * One run: a client behind the proxy and one beside it follow a script, the network is healed, and then both must
 * have received the same.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import {
  CallboardError,
  type ClientEvent,
  type ConnectOptions,
  type Session,
} from '../../src/client/client.ts';
import { followTree } from '../../src/client/tree.ts';
import { request } from '../processes/baseline-client.ts';
import type { ChaosPlan, ChaosProxy } from './chaos-proxy.ts';
import type { ChaosAction } from './chaos-script.ts';
import { sessionOfEvent, type WatchedClient, type WatchedStream, watchedClient } from './watched-client.ts';

export type ChaosWorld = {
  /** The server's own address, without the proxy. */
  readonly url: string;
  readonly proxy: ChaosProxy;
  readonly control: WatchedClient;
  /** Every event, as the control client received it. */
  readonly journal: WatchedStream;
  /** Options of the disturbed client. */
  readonly options: Partial<ConnectOptions>;
};

export type ChaosReport = {
  readonly lives: number;
  /** How often a branch was selected. */
  readonly branches: number;
};

const endTitle = 'the end';

export async function runChaosCase(
  world: ChaosWorld,
  plans: readonly ChaosPlan[],
  script: readonly ChaosAction[],
): Promise<ChaosReport> {
  const { control, journal, proxy } = world;
  // Events from before this case are ignored; there may be many.
  const begin = journal.events.length;
  const happened = () => journal.events.slice(begin);
  const created = [1, 2].map((count) => control.client.createSession({ title: `Chaos ${count}` }));
  const ids = (await Promise.all(created)).map(({ id }) => String(id));
  proxy.plan(plans);
  const disturbed = watchedClient({
    url: proxy.url,
    backoff: { firstMs: 2, maxMs: 20 },
    connectMs: 500,
    requestMs: 500,
    // Shorter than the server's heartbeat, so that quiet connections are lost as well.
    silenceMs: 400,
    ...world.options,
  });
  const controlSessions = ids.map((id) => control.client.session(id));
  const sessions = ids.map((id) => disturbed.client.session(id));
  const trees = ids.map((id) => followTree(control.client, id));
  /** Every message of the sessions, those that are gone too. */
  const known = new Set<string>();
  for (const { state } of trees) {
    state.subscribe(({ value }) => {
      for (const { id } of value?.messages ?? []) known.add(id);
    });
  }
  const isDeleted = (id: string) =>
    known.has(id) &&
    !trees.some(({ state }) => state.value.value?.messages.some((message) => message.id === id) === true);
  const disturbedTrees = ids.map((id) => followTree(disturbed.client, id));
  try {
    const wide = disturbed.watch();
    await wide.stream.subscribed;
    const since = lastSeqOf(journal);
    const streams = [{ session: undefined as string | undefined, watched: wide }];
    const answers: Promise<unknown>[] = [];
    const asked: string[] = [];
    const cancelled = new Set<string>();
    for (const action of script) {
      await act(action);
    }
    proxy.heal();
    await allEnded();
    await Promise.all(streams.map(({ watched }) => watched.stream.subscribed));
    for (const id of ids) await request(world.url, 'PATCH', `/chat-sessions/${id}`, { title: endTitle });
    const ends = await journal.until(() => endsIn(happened(), ids));
    for (const { watched, session } of streams) {
      const expected = session === undefined ? ids : [session];
      await watched.until((events) => endsIn(events, expected));
    }
    const whole = seenOf(happened(), ids).filter(([seq]) => seq > since && seq <= ends);
    expect(seenOf(wide.events, ids).filter(([seq]) => seq <= ends)).toEqual(whole);
    for (const { watched, session } of streams.slice(1)) {
      const expected = seenOf(happened(), session === undefined ? ids : [session]).filter(
        ([seq]) => seq <= ends,
      );
      const seen = seenOf(watched.events, session === undefined ? ids : [session]).filter(
        ([seq]) => seq <= ends,
      );
      // A stream that joined later begins later, but has no other difference.
      expect(seen).toEqual(expected.slice(expected.length - seen.length));
      expect(watched.events.filter(({ event }) => event === 'resync')).toEqual([]);
    }
    for (const session of [...sessions, ...controlSessions]) await convergesTo(world.url, session);
    for (const [index, { state }] of trees.entries()) {
      const other = disturbedTrees[index]?.state.value.value;
      expect(other).toEqual(state.value.value);
      const path = `/chat-sessions/${ids[index]}/messages?branch=all&limit=200`;
      const { body } = await request(world.url, 'GET', path);
      expect(other?.messages.map(({ streaming: _, ...message }) => message)).toEqual(body);
    }
    expect(disturbed.violations).toEqual([]);
    expect(control.violations).toEqual([]);
    const branches = happened().filter(({ event }) => event === 'branch.selected').length;
    return { lives: disturbed.lives(), branches };

    async function act(action: ChaosAction): Promise<void> {
      switch (action.kind) {
        case 'send':
          answers.push(
            speaker(action)
              .send(action.directives)
              .then(({ id }) => asked.push(id)),
          );
          return;
        case 'cancel':
          answers.push(
            speaker(action)
              .cancel()
              .then((done) => done.cancelled.map((id) => cancelled.add(id))),
          );
          return;
        case 'change': {
          const messages = trees[action.session]?.state.value.value?.messages ?? [];
          const target = messages[action.which % Math.max(1, messages.length)];
          if (target === undefined) return;
          const session = speaker(action);
          const changes = {
            regenerate: () => session.regenerate(target.id),
            edit: () => session.edit(target.id, `Edited [[tokens=${action.which} delay=1]]`),
            select: () => session.selectBranch(target.id),
            delete: () => session.deleteMessage(target.id),
            sendNow: () => session.sendNow(target.id),
          };
          answers.push(changes[action.change]().catch(refusedRightly));
          return;
        }
        case 'listen': {
          const until = journal.events.length + action.frames;
          await Promise.race([
            journal.until((events) => (events.length >= until ? true : undefined)),
            allEnded(),
          ]);
          return;
        }
        case 'cut':
          proxy.cutAll();
          return;
        case 'join': {
          const session = action.session === undefined ? undefined : ids[action.session];
          const watched = disturbed.watch(session === undefined ? {} : { sessionId: session });
          streams.push({ session, watched });
          return;
        }
        case 'leave': {
          // The first stream stays, because it is compared.
          const left = streams.length > 1 ? streams.pop() : undefined;
          await left?.watched.stream.return?.();
          return;
        }
        case 'reopen': {
          const id = ids[action.session];
          if (id === undefined) return;
          sessions[action.session]?.close();
          sessions[action.session] = disturbed.client.session(id);
          return;
        }
      }
    }

    async function allEnded(): Promise<void> {
      await Promise.all(answers);
      await journal.until(() => (turnsEnded() ? true : undefined));
    }

    function speaker({
      by,
      session,
    }: {
      readonly by: 'control' | 'disturbed';
      readonly session: number;
    }): Session {
      const found = (by === 'control' ? controlSessions : sessions)[session];
      if (found === undefined) throw new Error(`no session ${session}`);
      return found;
    }

    /** True when the turn of every message has ended, or was cancelled before it began. */
    function turnsEnded(): boolean {
      const statuses = new Map(
        happened().flatMap(({ event, data }) => {
          if (event !== 'trace.created' && event !== 'trace.updated') return [];
          return [[data.metadata?.['messageId'], data.status] as const];
        }),
      );
      const isOver = (id: string) => {
        const status = statuses.get(id);
        if (status === undefined) return cancelled.has(id) || isDeleted(id);
        return status === 'completed' || status === 'failed';
      };
      return (
        asked.every(isOver) && controlSessions.every(({ snapshot }) => snapshot.value.activity === 'idle')
      );
    }
  } finally {
    for (const handle of [...controlSessions, ...trees]) handle.close();
    disturbed.client.close();
    proxy.heal();
    proxy.cutAll();
  }
}

function lastSeqOf({ events }: WatchedStream): number {
  return events.reduce((last, event) => Math.max(last, seqOf(event) ?? 0), 0);
}

function seqOf(event: object): number | undefined {
  const seq: unknown = Reflect.get(event, 'seq');
  return typeof seq === 'number' ? seq : undefined;
}

/** The index of the last of the events that mark the end; `undefined` until all have come. */
function endsIn(events: readonly object[], ids: readonly string[]): number | undefined {
  const ends = events.filter((event) => {
    const data: unknown = Reflect.get(event, 'data');
    return (
      Reflect.get(event, 'event') === 'session.updated' &&
      typeof data === 'object' &&
      data !== null &&
      Reflect.get(data, 'title') === endTitle &&
      ids.includes(String(Reflect.get(data, 'id')))
    );
  });
  return ends.length < ids.length ? undefined : Math.max(...ends.map((event) => seqOf(event) ?? 0));
}

/** What a stream received of these sessions, in a comparable form. */
function seenOf(
  events: readonly ClientEvent[],
  ids: readonly string[],
): (readonly [seq: number, text: string])[] {
  return events
    .filter((event) => ids.includes(sessionOfEvent(event) ?? ''))
    .flatMap((event) => {
      const seq = seqOf(event);
      // Volatile events, such as the execution tree, may be missed.
      return seq === undefined ? [] : [[seq, JSON.stringify([event.event, event.data])] as const];
    });
}

/** A message may have gone meanwhile, or not be one that this can be done with. */
function refusedRightly(error: unknown): void {
  const isRight = error instanceof CallboardError && /^(?:conflict|not_found)$/.test(error.code);
  if (!isRight) throw error;
}

/** Resolves when the session shows what REST says, all of it ended; a session that never does fails by its time-out. */
async function convergesTo(url: string, session: Session): Promise<void> {
  for await (const { status, info, activity, messages } of session.snapshot) {
    const isOpen = messages.some(({ streaming, queueRank }) => streaming || queueRank !== undefined);
    if (status !== 'current' || info?.title !== endTitle || activity !== 'idle' || isOpen) continue;
    const path = `/chat-sessions/${session.id}`;
    const stored = await request(url, 'GET', `${path}/messages`);
    const shown = messages.map(({ streaming: _, ...message }) => message);
    const isSame = isDeepStrictEqual(shown, stored.body);
    if (isSame && isDeepStrictEqual(info, (await request(url, 'GET', path)).body)) return;
  }
  throw new Error(`session ${session.id} was closed`);
}
