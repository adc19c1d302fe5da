/**
 * Goal: nobody hears of a session that it may not see, whoever takes part and whenever, live and on resume; and whoever may
 * see it hears everything (I13, [OWN3]). Method: a stream hub with a log of its own; generated principals, sessions,
 * memberships, joins and resumes. A plain model says after each step which events each connection was to hear.
 */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CommittedEvent, EventLog } from '../../../../actors/ports.ts';
import { maySee, type SessionAccess } from '../../../../schema/authorization.ts';
import type { JournaledEvent } from '../../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { type ParticipantRole, participantIdSchema } from '../../../../schema/participant.ts';
import type { Principal, Scope } from '../../../../schema/principal.ts';
import type { WireFormat } from '../../../../schema/wire/topic.ts';
import { SessionAccesses } from '../../../../src/gateway/access/session-accesses.ts';
import { asLocal } from '../../../../src/gateway/authentication/authenticator.ts';
import type { StreamConnection } from '../../../../src/gateway/stream/stream-connection.ts';
import { createStreamHub } from '../../../../src/gateway/stream/stream-hub.ts';
import { entry, newId, participant, session } from '../../../contract/sample-entries.ts';
import { SimulatedClock } from '../../../simulation/simulated-clock.ts';
import { emptyEventLog, recordingLog } from '../running-gateway.ts';

const who = (id: string, tenant: string | null, ...scopes: Scope[]): Principal => ({
  id: participantIdSchema.parse(id),
  name: null,
  tenant,
  scopes: new Set(scopes),
  sessions: null,
});
const principals = [
  who('key:a', null, 'chat'),
  who('key:b', null, 'chat'),
  who('key:operator', null, 'chat', 'sessions:all'),
  who('key:c', 'one', 'chat'),
  who('key:d', 'one', 'chat', 'sessions:all'),
  // The same id behind another wall.
  who('key:a', 'one', 'chat'),
];

type Heard = {
  readonly connection: StreamConnection;
  readonly principal: Principal;
  readonly seqs: number[];
};

class World {
  readonly clock = new SimulatedClock();
  readonly stored = new Map<SessionId, SessionAccess>();
  readonly log: CommittedEvent[] = [];
  readonly accesses = new SessionAccesses(async (id) => this.stored.get(id));
  readonly hub;
  readonly #lost = new Set<object>();
  readonly connections: {
    readonly heard: Heard;
    readonly expected: number[];
    readonly session: SessionId | undefined;
  }[] = [];

  constructor() {
    const eventLog: EventLog = {
      ...emptyEventLog,
      range: async () => ({ oldest: 1, newest: this.log.length }),
      read: async ({ after, limit, sessionId }) =>
        this.log
          .filter(
            ({ seq, event }) => seq > after && (sessionId === undefined || event.sessionId === sessionId),
          )
          .slice(0, limit),
    };
    this.hub = createStreamHub({
      eventLog,
      newestSeq: 0,
      native: () => {},
      clock: this.clock,
      log: recordingLog(),
      flushMsMax: 0,
      heartbeatMs: 1e9,
      accesses: this.accesses,
      isOpen: () => false,
      bounds: { hotWindowEventsMax: 4, catchUpChunkEvents: 3, catchUpScanEvents: 3 },
    });
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 60; round++) {
      this.clock.tick();
      await null;
    }
  }

  /** Commits the event, publishes it, and notes who was to hear it: those who may before it or after it. */
  async happens(event: JournaledEvent, change: (access: SessionAccess) => SessionAccess): Promise<void> {
    const { sessionId } = event;
    if (sessionId === null) return;
    const before = this.stored.get(sessionId);
    const empty: SessionAccess = { owner: null, tenant: null, members: new Map() };
    const after = change(before ?? empty);
    this.stored.set(sessionId, after);
    const seq = this.log.length + 1;
    this.log.push({ seq, event });
    for (const one of this.connections) {
      if (one.session !== undefined && one.session !== sessionId) continue;
      const { principal } = one.heard;
      const may =
        (before !== undefined && maySee(principal, sessionId, before)) || maySee(principal, sessionId, after);
      // A subscription of one session ends with the right to see it.
      if (may && !this.#lost.has(one)) one.expected.push(seq);
      if (one.session === sessionId && !maySee(principal, sessionId, after)) this.#lost.add(one);
    }
    this.hub.publisher.durable(event, seq);
    await this.settle();
  }

  async joins(
    principal: Principal,
    format: WireFormat,
    since: number | undefined,
    only: SessionId | undefined,
  ): Promise<void> {
    const seqs: number[] = [];
    const sink = {
      send: (_: string, seq?: number) => {
        if (seq !== undefined) seqs.push(seq);
      },
      bufferedBytes: () => 0,
      batch: (run: () => void) => run(),
      close: () => {},
    };
    const connection = this.hub.open(sink, format, { ...asLocal, principal });
    const past = this.log.filter(({ seq, event: { sessionId } }) => {
      if (since === undefined || seq <= since || sessionId === null) return false;
      if (only !== undefined && only !== sessionId) return false;
      const access = this.stored.get(sessionId);
      return access !== undefined && maySee(principal, sessionId, access);
    });
    const heard = { connection, principal, seqs };
    this.connections.push({ heard, expected: past.map(({ seq }) => seq), session: only });
    const options = since === undefined ? {} : { since };
    const names = ['chat-sessions'] as const;
    connection.subscribe(
      only === undefined ? { namespaces: names } : { namespaces: names, sessionId: only },
      options,
    );
    await this.settle();
  }
}

const pick = fc.nat({ max: 100 });
const step = fc.oneof(
  fc.record({ do: fc.constant('create' as const), by: pick }),
  fc.record({ do: fc.constant('say' as const), session: pick }),
  fc.record({ do: fc.constant('say' as const), session: pick }),
  fc.record({
    do: fc.constant('add' as const),
    session: pick,
    who: pick,
    role: fc.constantFrom<ParticipantRole>('owner', 'agent', 'observer'),
  }),
  fc.record({ do: fc.constant('remove' as const), session: pick, who: pick }),
  fc.record({ do: fc.constant('delete' as const), session: pick }),
  fc.record({
    do: fc.constant('join' as const),
    who: pick,
    back: fc.option(fc.nat({ max: 8 }), { nil: undefined }),
    session: fc.option(pick, { nil: undefined }),
  }),
);

it('[OWN3] everybody hears all events of the sessions that it may see, and of no other', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const world = new World();
      const sessions: SessionId[] = [];
      const at = <Value>(values: readonly Value[], index: number) =>
        values[index % Math.max(1, values.length)];
      for (const one of steps) {
        if (one.do === 'create') {
          const by = at(principals, one.by);
          if (by === undefined) continue;
          const id = newId<SessionId>();
          sessions.push(id);
          const record = { owner: by.id, tenant: by.tenant };
          const created: JournaledEvent = {
            type: 'session.created',
            sessionId: id,
            data: session(id),
            at: 1,
            record,
          };
          await world.happens(created, () => ({ ...record, members: new Map() }));
          continue;
        }
        if (one.do === 'join') {
          const principal = at(principals, one.who);
          if (principal === undefined) continue;
          const since = one.back === undefined ? undefined : Math.max(0, world.log.length - one.back);
          const only = one.session === undefined ? undefined : at(sessions, one.session);
          const access = only === undefined ? undefined : world.stored.get(only);
          // Whoever may not see the session is refused before it gets here.
          if (only !== undefined && access !== undefined && !maySee(principal, only, access)) continue;
          await world.joins(principal, 'v1', since, only);
          continue;
        }
        const id = at(sessions, one.session);
        if (id === undefined) continue;
        switch (one.do) {
          case 'say':
            await world.happens(entry.sessionUpdated(session(id)), (access) => access);
            break;
          case 'delete':
            await world.happens(entry.sessionDeleted(id), (access) => ({ ...access, members: new Map() }));
            break;
          case 'add': {
            const { id: member } = at(principals, one.who) ?? principals[0] ?? who('x', null);
            const data = participant(id, { id: member, role: one.role });
            const event: JournaledEvent = { type: 'participant.added', sessionId: id, data, at: 1 };
            await world.happens(event, (access) => ({
              ...access,
              members: new Map([...access.members, [member, one.role]]),
            }));
            break;
          }
          case 'remove': {
            const { id: member } = at(principals, one.who) ?? principals[0] ?? who('x', null);
            const event: JournaledEvent = {
              type: 'participant.removed',
              sessionId: id,
              data: { sessionId: id, id: member },
              at: 1,
            };
            await world.happens(event, (access) => {
              const members = new Map(access.members);
              members.delete(member);
              return { ...access, members };
            });
            break;
          }
          default:
        }
      }
      for (const { heard, expected } of world.connections) expect(heard.seqs).toEqual(expected);
      world.hub.stop();
    }),
    { numRuns: 300 },
  );
});
