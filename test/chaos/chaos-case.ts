/**
 * One run: a client behind the proxy and one beside it follow a script, the network is healed, and then both must
 * have received the same.
 */
import { expect } from 'vitest';
import type { ClientEvent, ConnectOptions, Session } from '../../src/client/client.ts';
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

export type ChaosReport = { readonly lives: number };

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
    expect(seenOf(wide.events, ids)).toEqual(whole);
    for (const { watched, session } of streams.slice(1)) {
      const expected = seenOf(happened(), session === undefined ? ids : [session]).filter(
        ([seq]) => seq <= ends,
      );
      const seen = seenOf(watched.events, session === undefined ? ids : [session]);
      // A stream that joined later begins later, but has no other difference.
      expect(seen).toEqual(expected.slice(expected.length - seen.length));
      expect(watched.events.filter(({ event }) => event === 'resync')).toEqual([]);
    }
    for (const session of [...sessions, ...controlSessions]) await expectAsRest(world.url, session);
    expect(disturbed.violations).toEqual([]);
    expect(control.violations).toEqual([]);
    return { lives: disturbed.lives() };

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
        return status === undefined ? cancelled.has(id) : status === 'completed' || status === 'failed';
      };
      return (
        asked.every(isOver) && controlSessions.every(({ snapshot }) => snapshot.value.activity === 'idle')
      );
    }
  } finally {
    for (const session of controlSessions) session.close();
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

async function expectAsRest(url: string, session: Session): Promise<void> {
  for await (const { status, info } of session.snapshot) {
    if (status === 'current' && info?.title === endTitle) break;
  }
  const { messages, info, activity } = session.snapshot.value;
  const stored = await request(url, 'GET', `/chat-sessions/${session.id}/messages`);
  expect(messages.map(({ streaming: _, ...message }) => message)).toEqual(stored.body);
  expect(messages.filter(({ streaming }) => streaming)).toEqual([]);
  expect(info).toEqual((await request(url, 'GET', `/chat-sessions/${session.id}`)).body);
  expect(activity).toBe('idle');
}
