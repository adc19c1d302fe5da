/** The contract of the turns of `ReadModel` (actors/ports.ts; SPEC [PSH5], [PSH17]), for every backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, session, start, trace } from './sample-entries.ts';

const call = { type: 'tool.call', id: newId<ToolCallId>() } as const;

export function turnsContract(backend: JournalBackend): void {
  describe(`turns: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());
    const append = (...batch: JournalEntry[]) => store.journal.append(batch);
    const pushedTurn = async (parentId: MessageId | null = null) => {
      const id = newId<SessionId>();
      await append(entry.sessionCreated(session(id)));
      const queued = entry.turnQueued(id, newId<TurnId>());
      const pushed = { agent: 'weather', leaseMs: 1000, parentId };
      const data = { ...queued.data, promptId: queued.data.answerId, pushed };
      await append({ ...queued, data });
      return { id, data, pushed };
    };

    it('[PSH5] keeps with a turn who pushes it and what of it is stored, in whatever batches', async () => {
      const { id, data, pushed } = await pushedTurn();
      const { turnId } = data;
      const open = async () => (await store.readModel.storedSession(id))?.turns;
      expect(await open()).toMatchObject([{ turnId, status: 'queued', pushed }]);
      expect((await store.readModel.turn(turnId))?.received).toBeUndefined();
      await append(entry.turnStarted(id, turnId), entry.turnReceived(id, turnId, 3));
      expect(await open()).toMatchObject([{ status: 'running', pushed, received: 3 }]);
      await append(entry.turnReceived(id, turnId, 4), entry.turnReceived(id, turnId, 9));
      expect(await store.readModel.turn(turnId)).toMatchObject({
        status: 'running',
        received: 9,
        queuedAt: start,
      });
      await append(entry.turnEnded(id, turnId, 'interrupted'));
      expect(await store.readModel.turn(turnId)).toMatchObject({
        ...{ status: 'interrupted', received: 9, pushed, endedAt: start },
      });
      expect(await open()).toEqual([]);
    });

    it('[PSH17] lists turns by status, newest first, page by page', async () => {
      const turns = [await pushedTurn(), await pushedTurn(), await pushedTurn()];
      for (const { id, data } of turns) await append(entry.turnStarted(id, data.turnId));
      const ids = turns.map(({ data }) => data.turnId).reverse();
      const page = async (limit: number, before?: TurnId) =>
        (await store.readModel.turnsWith('running', { limit, before })).map(({ turnId }) => turnId);
      expect(await page(3)).toEqual(ids);
      expect(await page(1, ids[0])).toEqual([ids[1]]);
      const [last] = turns;
      if (last !== undefined) await append(entry.turnEnded(last.id, last.data.turnId, 'completed'));
      expect(await page(2, ids[1])).not.toContain(ids[2]);
      // A page begins where it began, whatever has become of the turn since.
      expect(await page(2, newId())).toEqual([]);
    });

    it('[INS13] tells what was done in many sessions at once', async () => {
      const [empty, busy, waiting] = [newId<SessionId>(), newId<SessionId>(), newId<SessionId>()];
      await append(...[empty, busy, waiting].map((id) => entry.sessionCreated(session(id))));
      const turns = [newId<TurnId>(), newId<TurnId>(), newId<TurnId>(), newId<TurnId>()] as const;
      const traces = [newId<TraceId>(), newId<TraceId>(), newId<TraceId>()] as const;
      const [failed, running, queued, other] = turns;
      await append(
        entry.turnQueued(busy, failed),
        entry.turnStarted(busy, failed),
        entry.turnEnded(busy, failed, 'failed'),
        entry.trace('trace.created', trace(traces[0], { sessionId: busy, metadata: { model: 'small' } })),
        // What a client says of a model is no model of the session.
        entry.trace(
          'trace.created',
          trace(traces[1], { sessionId: busy, origin: 'client', metadata: { model: { of: 'mine' } } }),
        ),
        entry.trace('trace.created', trace(traces[2], { sessionId: busy })),
      );
      const work = async (...ids: SessionId[]) => Object.fromEntries(await store.readModel.sessionWork(ids));
      expect(await work(empty, busy)).toEqual({
        [empty]: { tools: [], models: [] },
        [busy]: {
          lastTurn: { status: 'failed', reason: 'because', queuedAt: start, endedAt: start },
          tools: [],
          models: ['small'],
        },
      });
      await append(entry.turnQueued(busy, running), entry.turnStarted(busy, running));
      await append(entry.turnQueued(busy, queued), entry.turnQueued(waiting, other));
      await append(
        entry.tool({ ...call, sessionId: busy, turnId: running, status: 'running' }),
        entry.tool({ ...call, sessionId: busy, turnId: running, status: 'running' }),
        ...[2, 1].map((later) =>
          entry.tool({
            ...{ ...call, id: newId<ToolCallId>(), sessionId: waiting, turnId: other },
            ...{ status: 'awaitingApproval', step: 1, at: start - later },
          }),
        ),
      );
      expect(await work(waiting, busy)).toEqual({
        [busy]: { lastTurn: { status: 'running', queuedAt: start }, tools: ['clock'], models: ['small'] },
        [waiting]: {
          lastTurn: { status: 'queued', queuedAt: start },
          waitingCall: { name: 'clock', startedAt: start - 2 },
          tools: ['clock'],
          models: [],
        },
      });
      expect(await work()).toEqual({});
    });

    it('[PSH19] tells a pushed answer in its place, with its turn', async () => {
      const { id, data } = await pushedTurn();
      const { answerId, promptId } = data;
      const answer = message(answerId, id, { role: 'assistant', content: 'Hello', promptId });
      const asked = message(newId(), id, { parentId: answerId });
      await append(entry.messageCreated(answer), entry.turnStarted(id, data.turnId));
      await append(entry.turnEnded(id, data.turnId, 'completed'), entry.messageCreated(asked));
      const query = { sessionId: id, promptId: asked.id, answerId: newId<MessageId>(), limit: 10 };
      const window = await store.readModel.conversation(query);
      expect(window?.messages.map(({ id: said }) => said)).toEqual([answerId, asked.id]);
      expect(window?.turns).toMatchObject([{ promptId: answerId, text: 'Hello' }]);
    });
  });
}
