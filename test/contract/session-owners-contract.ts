/**
 * The contract of whose sessions are and what of lists a principal sees (SPEC [OWN4], [OWN5]), for every backend. Method:
 * sessions with generated owners, tenants, participants and ends are stored beside those of the runs before, and every
 * read is compared with a plain list that `maySee` filters. One of the principals has had so many sessions, and another takes
 * part in so many, that their lists are read in the other way.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import {
  maySee,
  nobodys,
  type SessionAccess,
  type SessionOwner,
  visibilityOf,
} from '../../schema/authorization.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { type ParticipantRole, participantIdSchema, participantRoles } from '../../schema/participant.ts';
import type { Principal, PrincipalId } from '../../schema/principal.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, participant, session, start, trace } from './sample-entries.ts';

const crowd = participantIdSchema.parse('key:crowd');
const everywhere = participantIdSchema.parse('agent:everywhere');
const oneill = participantIdSchema.parse("jwt:https://a/:o'neill");
const ids: readonly PrincipalId[] = [oneill, participantIdSchema.parse('local'), crowd, everywhere];
const tenants = [null, 'shop', 'everybody'] as const;

const principals: readonly Principal[] = ids.flatMap((id) =>
  tenants.flatMap((tenant) =>
    (['chat', 'sessions:all'] as const).map((scope) => ({
      ...{ id, name: null, tenant },
      scopes: new Set([scope]),
      sessions: null,
    })),
  ),
);

const arbitraryOwner: fc.Arbitrary<SessionOwner> = fc.record({
  owner: fc.constantFrom(null, ...ids),
  tenant: fc.constantFrom(...tenants),
});

type Plan = {
  readonly record: SessionOwner | undefined;
  readonly members: readonly { readonly id: PrincipalId; readonly role: ParticipantRole }[];
  readonly leaves: boolean;
  readonly handedTo: SessionOwner | undefined;
  readonly thinks: boolean;
  readonly minute: number;
  readonly archived: boolean;
  readonly open: boolean;
  readonly deleted: boolean;
};

const arbitraryPlan: fc.Arbitrary<Plan> = fc.record({
  record: fc.option(arbitraryOwner, { nil: undefined }),
  members: fc.uniqueArray(
    fc.record({ id: fc.constantFrom(...ids), role: fc.constantFrom(...participantRoles) }),
    { selector: ({ id }) => id, maxLength: 2 },
  ),
  /** Whether the first of them takes part no longer. */
  leaves: fc.boolean(),
  handedTo: fc.option(arbitraryOwner, { nil: undefined, freq: 2 }),
  thinks: fc.boolean(),
  minute: fc.nat({ max: 5 }),
  archived: fc.boolean(),
  /** Whether its call and its turn have not ended. */
  open: fc.boolean(),
  deleted: fc.integer({ max: 3, min: 0 }).map((number) => number === 0),
});

type Known = {
  readonly id: SessionId;
  readonly plan: Plan;
  readonly updatedAt: string;
  readonly access: SessionAccess;
  readonly trace: TraceId;
  readonly call: ToolCallId;
  readonly turn: TurnId;
};

function known(plan: Plan): Known {
  const { members, leaves, minute, deleted } = plan;
  const { owner, tenant } = plan.handedTo ?? plan.record ?? nobodys;
  const stay = deleted ? [] : members.slice(leaves ? 1 : 0);
  return {
    id: newId(),
    plan,
    updatedAt: isoTimestamp(start + minute * 60_000),
    access: {
      ...{ owner, tenant },
      members: new Map(stay.map(({ id, role }) => [id, role])),
    },
    ...{ trace: newId<TraceId>(), call: newId<ToolCallId>(), turn: newId<TurnId>() },
  };
}

function entriesOf({ id, plan, updatedAt, ...made }: Known): JournalEntry[] {
  const { record, members, leaves, handedTo, thinks, archived, open, deleted } = plan;
  const [first] = members;
  const call = { id: made.call, sessionId: id, turnId: made.turn };
  const status = archived ? ('archived' as const) : ('active' as const);
  const told = session(id, { updatedAt, status });
  return [
    entry.sessionCreated(told, record),
    ...members.map((one) => entry.participant('participant.added', participant(id, one))),
    ...(leaves && first !== undefined ? [entry.participantRemoved(id, first.id)] : []),
    entry.messageCreated(message(newId(), id, { content: 'needle' })),
    entry.trace('trace.created', trace(made.trace, { sessionId: id, createdAt: updatedAt })),
    entry.turnQueued(id, made.turn),
    ...(open ? [] : [entry.turnEnded(id, made.turn, 'completed')]),
    open
      ? entry.tool({ ...call, type: 'tool.call', status: 'running' })
      : entry.tool({ ...call, type: 'tool.result', status: 'completed', result: '' }),
    ...(thinks ? [entry.activity(id, 'thinking')] : []),
    ...(handedTo === undefined ? [] : [entry.sessionUpdated(told, handedTo)]),
    ...(deleted ? [entry.sessionDeleted(id)] : []),
  ];
}

export function sessionOwnersContract(backend: JournalBackend, numRuns: number): void {
  describe(`owners of sessions: ${backend.name}`, () => {
    let store: OpenJournal;
    const sessions: Known[] = [];
    /** In the order in which they were made, those of no session among them. */
    const traces: {
      readonly id: TraceId;
      readonly of: Known | null;
      readonly record?: SessionOwner | undefined;
      readonly createdAt: string;
    }[] = [];
    beforeAll(async () => {
      store = await backend.open();
      // Whoever has had so many, or takes part in so many, is read along an index of a list.
      for (const tenant of ['everybody', null]) {
        const gone = Array.from({ length: limits.visibleSessionsReadMax }, () => newId<SessionId>());
        await store.journal.append(
          gone.map((id) => entry.sessionCreated(session(id), { owner: crowd, tenant })),
        );
        await store.journal.append(gone.map(entry.sessionDeleted));
      }
      const elsewhere = Array.from({ length: limits.visibleSessionsReadMax }, () => newId<SessionId>());
      await store.journal.append(
        elsewhere.flatMap((id) => [
          entry.sessionCreated(session(id), { owner: crowd, tenant: 'elsewhere' }),
          entry.participant('participant.added', participant(id, { id: everywhere, role: 'agent' })),
        ]),
      );
    });
    afterAll(() => store.close());

    const all = 100_000;

    /** The whole list, and pages of it, and none before what is not seen. */
    async function expectList<Id>(
      read: (page: { readonly limit: number; readonly before?: Id }) => Promise<readonly Id[]>,
      expected: readonly Id[],
      hidden: Id | undefined,
    ): Promise<void> {
      expect(await read({ limit: all })).toEqual(expected);
      const [first, middle] = [expected[0], expected[expected.length >> 1]];
      expect(await read({ limit: 1 })).toEqual(first === undefined ? [] : [first]);
      if (middle !== undefined) {
        const below = expected.slice((expected.length >> 1) + 1);
        expect(await read({ limit: all, before: middle })).toEqual(below);
        expect(await read({ limit: 2, before: middle })).toEqual(below.slice(0, 2));
      }
      if (hidden !== undefined) expect(await read({ limit: all, before: hidden })).toEqual([]);
    }

    it('[AUD2] a session has the owner that it was given last, in the same batch and in a later one', async () => {
      const [one, other, third] = ids;
      if (one === undefined || other === undefined || third === undefined)
        throw new Error('three principals');
      const id = newId<SessionId>();
      const given = (record: SessionOwner) => entry.sessionUpdated(session(id), record);
      const access = async () => (await store.readModel.sessionAccess(id)) ?? null;
      await store.journal.append([
        entry.sessionCreated(session(id), { owner: one, tenant: null }),
        given({ owner: other, tenant: null }),
      ]);
      expect(await access()).toMatchObject({ owner: other, tenant: null });
      await store.journal.append([
        given({ owner: third, tenant: 'shop' }),
        entry.sessionUpdated(session(id)),
      ]);
      expect(await access()).toMatchObject({ owner: third, tenant: 'shop' });
      const visibleTo = { principal: third, tenant: 'shop', all: false, only: null };
      const seen = await store.readModel.sessions({ limit: all }, visibleTo);
      expect(seen.map((row) => row.id)).toContain(id);
      await store.journal.append([entry.sessionDeleted(id)]);
      expect(await access()).toMatchObject({ owner: third, tenant: 'shop' });
    });

    it('[OWN4] [OWN5] everybody reads whose sessions are, and lists what they see, page by page', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(arbitraryPlan, { minLength: 1, maxLength: 6 }),
          fc.constantFrom('at once', 'by session', 'one by one'),
          fc.constantFrom(...principals),
          fc.option(fc.nat(3)),
          fc.option(arbitraryOwner, { nil: undefined }),
          async (plans, appended, whole, narrowed, record) => {
            const more = plans.map(known);
            const batches = more.map(entriesOf);
            const lone = newId<TraceId>();
            const createdAt = isoTimestamp(start);
            const made = { type: 'trace.created', sessionId: null, at: start } as const;
            const data = trace(lone, { createdAt });
            batches.push([record === undefined ? { ...made, data } : { ...made, data, record }]);
            const entries = batches.flat();
            const cut = {
              'at once': [entries],
              'by session': batches,
              'one by one': entries.map((one) => [one]),
            };
            for (const batch of cut[appended]) await store.journal.append(batch);
            sessions.push(...more);
            for (const one of more) traces.push({ id: one.trace, of: one, createdAt: one.updatedAt });
            traces.push({ id: lone, of: null, record, createdAt });
            expect(await store.readModel.traceAccess(lone)).toEqual({
              ...{ sessionId: null, owner: null, tenant: null },
              ...record,
            });

            for (const { id, plan, access } of more) {
              const isKnown = !plan.deleted || (plan.handedTo ?? plan.record) !== undefined;
              expect(await store.readModel.sessionAccess(id)).toEqual(isKnown ? access : undefined);
            }
            const { readModel } = store;
            const chosen = sessions.filter((_, index) => index % 4 === narrowed).map(({ id }) => id);
            const principal =
              narrowed === null ? whole : { ...whole, sessions: new Set([...chosen, newId<SessionId>()]) };
            const owner = { owner: principal.id, tenant: principal.tenant };
            const owned = sessions.filter(({ plan, access }) => {
              return !plan.deleted && access.owner === owner.owner && access.tenant === owner.tenant;
            });
            for (const atMost of [1, all])
              expect(await readModel.storedSessions(owner, atMost)).toBe(Math.min(atMost, owned.length));
            const visibleTo = visibilityOf(principal);
            if (visibleTo === undefined) throw new Error('nobody here is local');
            const sees = ({ id, access }: Pick<Known, 'id' | 'access'>) => maySee(principal, id, access);
            const newest = sessions
              .filter(({ plan }) => !plan.deleted)
              .toReversed()
              .toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
            for (const other of principals) {
              const seen = await readModel.sessions({ limit: all }, visibilityOf(other));
              expect(seen.map(({ id }) => id)).toEqual(
                newest.filter(({ id, access }) => maySee(other, id, access)).map(({ id }) => id),
              );
            }
            const shown = newest.filter(sees);
            const hidden = newest.find((one) => !sees(one));
            const listed = shown.map(({ id }) => id);
            await expectList(
              async (page) => (await readModel.sessions(page, visibleTo)).map(({ id }) => id),
              listed,
              hidden?.id,
            );
            const find = async (query: object, page: { readonly limit: number }) =>
              (await readModel.findSessions({ ...page, ...query, visibleTo })).map(({ id }) => id);
            await expectList((page) => find({ q: 'needle' }, page), listed, hidden?.id);
            await expectList(
              (page) => find({ status: 'archived' }, page),
              shown.filter(({ plan }) => plan.archived).map(({ id }) => id),
              hidden?.id,
            );
            await expectList(
              (page) => find({ activity: 'thinking' }, page),
              shown.filter(({ plan }) => plan.thinks).map(({ id }) => id),
              hidden?.id,
            );
            await expectList(
              (page) => find({ participant: oneill, status: 'active' }, page),
              shown
                .filter(({ plan, access }) => access.members.has(oneill) && !plan.archived)
                .map(({ id }) => id),
              hidden?.id,
            );

            const byCreation = traces
              .toReversed()
              .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
            const seesTrace = ({ of, record: own }: (typeof traces)[number]) =>
              of === null ? maySee(principal, null, { ...nobodys, ...own }) : sees(of);
            await expectList(
              async (page) => (await readModel.traces(page, undefined, visibleTo)).map(({ id }) => id),
              byCreation.filter(seesTrace).map(({ id }) => id),
              byCreation.find((one) => !seesTrace(one))?.id,
            );
            for (const one of more) {
              const own = await readModel.traces({ limit: all }, one.id, visibleTo);
              expect(own.map(({ id }) => id)).toEqual(sees(one) ? [one.trace] : []);
            }

            for (const open of [true, false]) {
              const stored = sessions.filter(({ plan }) => plan.open === open && !plan.deleted);
              const seen = stored.filter(sees);
              const unseen = stored.find((one) => !sees(one));
              const calls = async (page: { readonly limit: number; readonly before?: ToolCallId }) =>
                (await readModel.toolCallsWith(open ? 'running' : 'completed', page, visibleTo)).toReversed();
              await expectList(
                async (page) => (await calls(page)).map(({ id }) => id),
                seen.map(({ call }) => call).toReversed(),
                unseen?.call,
              );
              const turns = async (page: { readonly limit: number; readonly before?: TurnId }) =>
                await readModel.turnsWith(open ? 'queued' : 'completed', page, visibleTo);
              await expectList(
                async (page) => (await turns(page)).map(({ turnId }) => turnId),
                seen.map(({ turn }) => turn).toReversed(),
                unseen?.turn,
              );
            }
          },
        ),
        { numRuns },
      );
    }, 240_000);

    it.each([
      ['haystack', participantIdSchema.parse('key:me'), 'quiet'],
      ['strawberry', crowd, 'everybody'],
    ])('[OWN5] however much strangers say of a %s, a search finds what %s sees', async (word, me, tenant) => {
      const [own, foreign] = [newId<SessionId>(), newId<SessionId>()];
      const said = (id: SessionId) =>
        entry.messageCreated(message(newId<MessageId>(), id, { content: word }));
      await store.journal.append([
        entry.sessionCreated(session(own), { owner: me, tenant }),
        said(own),
        entry.sessionCreated(session(foreign), { owner: participantIdSchema.parse('key:stranger'), tenant }),
        ...Array.from({ length: limits.searchMatchesMax }, () => said(foreign)),
      ]);
      const visibleTo = { principal: me, tenant, all: false, only: null };
      const found = await store.readModel.findSessions({ q: word, limit: 10, visibleTo });
      expect(found.map(({ id }) => id)).toEqual([own]);
    });

    it('[OWN4] keeps whose a session is when it is told again without it', async () => {
      const id = newId<SessionId>();
      const record = { owner: crowd, tenant: null };
      await store.journal.append([entry.sessionCreated(session(id), record)]);
      await store.journal.append([entry.sessionCreated(session(id))]);
      expect(await store.readModel.sessionAccess(id)).toEqual({ ...record, members: new Map() });
      expect(await store.readModel.sessionAccess(newId())).toBeUndefined();
      const visibleTo = { principal: crowd, tenant: null, all: false, only: null };
      const seen = await store.readModel.sessions({ limit: all }, visibleTo);
      expect(seen.map((one) => one.id)).toContain(id);
    });
  });
}
