/**
 * Goal: the list of recordings tells truly how each session stands, whoever asks and however the pages fall. Method:
 * generated sessions and filters, and a walk over all pages compared with a plain look at everything.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SessionWork } from '../../../actors/stored-rows.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { recordingPageSchema, recordingStates, sessionOutcomes } from '../../../schema/recording.ts';
import { turnStatuses } from '../../../schema/turn-record.ts';
import { type RecordingsQuery, recordingsPage } from '../../../src/inspect/recordings.ts';
import { newId } from '../../contract/sample-entries.ts';
import { acceptedValue, actorWorld } from '../../fakes/actor-world.ts';

const queued = Date.UTC(2026, 10, 23);
const names = ['clock', 'weather'];

const storedArbitrary = fc.record({
  title: fc.constantFrom('About Time', 'Nothing'),
  status: fc.constantFrom('active' as const, 'archived' as const),
  isClosed: fc.boolean(),
  turn: fc.option(fc.constantFrom(...turnStatuses)),
  waits: fc.option(fc.constantFrom(...names)),
  tools: fc.subarray(names),
  models: fc.subarray(names),
});
const filterArbitrary = fc.record(
  {
    q: fc.constantFrom('time', ' TIME ', ''),
    outcome: fc.constantFrom(...sessionOutcomes),
    state: fc.constantFrom(...recordingStates),
    tool: fc.constantFrom(...names),
    model: fc.constantFrom(...names),
  },
  { requiredKeys: [] },
);

type Stored = { readonly session: ChatSession; readonly work: SessionWork };

type Given = typeof storedArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

function storedOf(given: Given): Stored {
  const { title, status, isClosed, turn, waits, tools, models } = given;
  const at = new Date(queued).toISOString();
  const closed = isClosed ? { closedAt: at } : {};
  const isEnded = turn !== null && turn !== 'queued' && turn !== 'running';
  return {
    session: { id: newId<SessionId>(), title, status, createdAt: at, updatedAt: at, ...closed },
    work: {
      ...(turn === null
        ? {}
        : { lastTurn: { status: turn, queuedAt: queued, ...(isEnded ? { endedAt: queued + 7 } : {}) } }),
      ...(waits === null ? {} : { waitingCall: { name: waits, startedAt: queued + 3 } }),
      tools,
      models,
    },
  };
}

function storeOf(all: readonly Stored[]): Parameters<typeof recordingsPage>[0] {
  return {
    readModel: {
      findSessions: async ({ limit, before, status }) => {
        const from = before === undefined ? 0 : all.findIndex(({ session }) => session.id === before) + 1;
        return all
          .slice(from)
          .map(({ session }) => session)
          .filter((session) => status === undefined || session.status === status)
          .slice(0, limit);
      },
      sessionWork: async (ids) =>
        new Map(
          all
            .filter(({ session }) => ids.includes(session.id))
            .map(({ session, work }) => [session.id, work]),
        ),
    },
  };
}

function passes(
  { session, work }: Stored,
  { q = '', outcome, state, tool, model }: Omit<RecordingsQuery, 'visibleTo'>,
) {
  const stands = work.waitingCall === undefined ? work.lastTurn?.status : 'waiting';
  const isInState = state === 'closed' ? session.closedAt !== undefined : session.status === state;
  return (
    session.title.toLowerCase().includes(q.trim().toLowerCase()) &&
    (outcome === undefined || stands === outcome) &&
    (state === undefined || isInState) &&
    (tool === undefined || work.tools.includes(tool)) &&
    (model === undefined || work.models.includes(model))
  );
}

it('[INS13] every session that passes is on one of the pages, once, and as it stands', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(storedArbitrary, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 3 }),
      filterArbitrary,
      async (given, times, filter) => {
        // More than two pages, of sessions that are alike in all but their ids.
        const alike = Math.ceil((limits.recordingsPageMax * times) / given.length);
        const all = Array.from({ length: alike }, () => given.map(storedOf)).flat();
        const store = storeOf(all);
        const found = [];
        let before: SessionId | undefined;
        for (;;) {
          const page = recordingPageSchema.parse(
            await recordingsPage(store, { ...filter, before, visibleTo: undefined }),
          );
          found.push(...page.recordings);
          if (page.next === null) break;
          before = page.next;
        }
        const wanted = all.filter((one) => passes(one, filter));
        expect(found.map(({ id }) => id)).toEqual(wanted.map(({ session }) => session.id));
        for (const [index, { standing }] of found.entries()) {
          const work = wanted[index]?.work;
          const waits = work?.waitingCall;
          expect(standing.outcome).toBe(waits === undefined ? (work?.lastTurn?.status ?? null) : 'waiting');
          expect(standing.durationMs).toBe(work?.lastTurn?.endedAt === undefined ? null : 7);
          expect([standing.tools, standing.models]).toEqual([work?.tools, work?.models]);
          expect(standing.reason).toBe(waits?.name ?? null);
        }
      },
    ),
    { numRuns: 30 },
  );
});

it('[INS13] a session of the real actors is listed as its turn stands', async () => {
  const world = await actorWorld();
  const id = await world.createSession();
  const message = { role: 'user', content: 'Hello', toolCallId: undefined, name: undefined } as const;
  acceptedValue(await world.system.door.addMessage(id, message));
  await world.system.stop();
  const { recordings, next } = await recordingsPage(world.storage, { visibleTo: undefined });
  expect(next).toBeNull();
  expect(recordings).toMatchObject([{ id, standing: { outcome: 'running', tools: [] } }]);
});
