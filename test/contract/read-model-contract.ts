/** The contract of the lists of `ReadModel` (actors/ports.ts; SPEC [JRN9], [JRN10]), for every backend. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { type Participant, participantIdSchema } from '../../schema/participant.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { shownRun } from '../../src/gateway/routes/shown-run.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { listedInPages } from './listed-in-pages.ts';
import { entry, message, newId, participant, session, start, trace } from './sample-entries.ts';

export function readModelContract(backend: JournalBackend): void {
  describe(`read model: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());
    const append = (...batch: JournalEntry[]) => store.journal.append(batch);
    const newSession = async (): Promise<SessionId> => {
      const id = newId<SessionId>();
      await append(entry.sessionCreated(session(id)));
      return id;
    };

    it('[PTC5] [PTC6] lists participants in the order in which they were added, and none of a session that is gone', async () => {
      const [id, other] = [await newSession(), await newSession()];
      const [ada, coder, eve] = ['key:ada', 'agent:coder', 'Ève/2 %2F'].map((who) =>
        participant(id, { id: participantIdSchema.parse(who), role: 'observer' }),
      ) as [Participant, Participant, Participant];
      const list = (of = id) => store.readModel.participants(of);
      const added = (one: Participant) => entry.participant('participant.added', one);
      await append(added(ada), added(coder));
      await append(added(eve), added({ ...ada, sessionId: other }));
      expect(await list()).toStrictEqual([ada, coder, eve]);
      const named = { ...ada, name: 'Ada', role: 'owner' as const, updatedAt: isoTimestamp(start + 1) };
      await append(entry.participant('participant.updated', named));
      expect(await list()).toStrictEqual([named, coder, eve]);
      // In one batch or in several, whoever comes again comes last.
      await append(entry.participantRemoved(id, ada.id), added(ada), entry.participantRemoved(id, coder.id));
      await append(added(coder));
      expect(await list()).toStrictEqual([eve, ada, coder]);
      expect(await list(other)).toStrictEqual([{ ...ada, sessionId: other }]);
      await append(entry.sessionDeleted(id));
      await append(added(ada));
      expect(await list()).toEqual([]);
    });

    it('[SES11] keeps since when a session is closed, until it is opened again', async () => {
      const id = await newSession();
      const closedAt = isoTimestamp(start + 5);
      await append(entry.sessionUpdated(session(id, { closedAt })));
      expect(await store.readModel.session(id)).toStrictEqual(session(id, { closedAt }));
      await append(entry.activity(id, 'thinking'));
      expect((await store.readModel.storedSession(id))?.session).toStrictEqual(session(id, { closedAt }));
      await append(entry.sessionUpdated(session(id)));
      expect(await store.readModel.session(id)).toStrictEqual(session(id));
    });

    it('[JRN9] lists all messages oldest first, the newest page first', async () => {
      const id = await newSession();
      const messages = Array.from({ length: 7 }, (_, index) =>
        message(newId(), id, { content: `message ${index}` }),
      );
      await append(...messages.slice(0, 5).map(entry.messageCreated));
      await append(...messages.slice(5).map(entry.messageCreated));
      // Writing a message again does not change its place.
      await append(entry.messageUpdated(messages[1] ?? message(newId(), id)));
      const page = (limit: number, before?: MessageId) =>
        listedInPages(store.readModel, id, { limit, before }, 'all');
      expect(await page(100)).toStrictEqual(messages);
      expect(await page(3)).toStrictEqual(messages.slice(4));
      expect(await page(3, messages[4]?.id)).toStrictEqual(messages.slice(1, 4));
      expect(await page(3, messages[1]?.id)).toStrictEqual(messages.slice(0, 1));
      expect(await page(3, messages[0]?.id)).toEqual([]);
      expect(await page(3, newId())).toEqual([]);
      const other = await newSession();
      const stranger = message(newId(), other);
      await append(entry.messageCreated(stranger));
      expect(await page(3, stranger.id)).toEqual([]);
    });

    it('[JRN9] lists a page of messages that stream, each with all its text', async () => {
      const id = await newSession();
      const messages = Array.from({ length: 4 }, () => message(newId(), id, { content: '' }));
      await append(...messages.map(entry.messageCreated));
      for (let round = 0; round < 3; round++) {
        await append(
          ...messages.map((one) =>
            entry.checkpoint({ sessionId: id, messageId: one.id, offset: round, text: String(round) }),
          ),
        );
      }
      const page = await listedInPages(store.readModel, id, { limit: 2, before: messages[3]?.id }, 'all');
      expect(page.map((one) => [one.id, one.content])).toEqual([
        [messages[1]?.id, '012'],
        [messages[2]?.id, '012'],
      ]);
    });

    it('[JRN9] lists sessions by their last update, page by page, none twice', async () => {
      const ids = Array.from({ length: 6 }, () => newId<SessionId>());
      // Far in the future, so that these come before rows of other tests. Two rows share each time.
      const at = (index: number) => isoTimestamp(start + 1e12 + Math.floor(index / 2));
      await append(...ids.map((id, index) => entry.sessionCreated(session(id, { updatedAt: at(index) }))));
      const expected = ids.toReversed();
      const page = async (limit: number, before?: SessionId) =>
        (await store.readModel.sessions({ limit, before })).map((one) => one.id);
      expect(await page(6)).toEqual(expected);
      const walked: SessionId[] = [];
      for (let before: SessionId | undefined; walked.length < 6; before = walked.at(-1)) {
        walked.push(...(await page(1, before)));
      }
      expect(walked).toEqual(expected);
      expect(await page(3, newId())).toEqual([]);
      await append(entry.sessionUpdated(session(ids[0] ?? newId(), { updatedAt: at(100) })));
      expect((await page(1))[0]).toBe(ids[0]);
    });

    it('[JRN9] lists traces by creation, newest first, page by page', async () => {
      const ids = Array.from({ length: 5 }, () => newId<TraceId>());
      const at = isoTimestamp(start + 1e12);
      await append(
        ...ids.map((id) => entry.trace('trace.created', trace(id, { createdAt: at, updatedAt: at }))),
      );
      await append(
        entry.trace('trace.updated', trace(ids[2] ?? newId(), { createdAt: at, status: 'failed' })),
      );
      const page = async (limit: number, before?: TraceId) =>
        (await store.readModel.traces({ limit, before })).map((one) => one.id);
      const expected = ids.toReversed();
      expect(await page(5)).toEqual(expected);
      expect(await page(2, expected[1])).toEqual(expected.slice(2, 4));
      expect(await page(2, newId())).toEqual([]);
    });

    it('[JRN10] wakes a session with its queued and running turns, oldest first', async () => {
      const id = await newSession();
      const turns = [1, 2, 3, 4].map(() => entry.turnQueued(id, newId()));
      const ids = turns.map((turn) => turn.data.turnId);
      const [first, second, third] = [
        ids[0] ?? newId<TurnId>(),
        ids[1] ?? newId<TurnId>(),
        ids[2] ?? newId<TurnId>(),
      ];
      await append(...turns);
      await append(entry.turnStarted(id, first), entry.turnStep(id, first, 1));
      await append(entry.turnEnded(id, first, 'completed'), entry.turnStarted(id, second));
      await append(entry.turnStep(id, second, 1), entry.turnStep(id, second, 2));
      await append(entry.turnEnded(id, third, 'cancelled'));
      const stored = await store.readModel.storedSession(id);
      expect(stored?.session).toStrictEqual(session(id));
      expect(stored?.turns.map(({ turnId, status, step }) => [turnId, status, step])).toEqual([
        [second, 'running', 2],
        [ids[3], 'queued', 0],
      ]);
      const { timestamp: _, ...identity } = turns[3]?.data ?? { timestamp: '' };
      expect(stored?.turns[1]).toStrictEqual({
        ...identity,
        status: 'queued',
        step: 0,
        rank: 0,
        steers: false,
      });
      expect(stored?.waiting).toEqual([]);
    });

    it('[JRN10] finds the sessions that have open turns, oldest turn first', async () => {
      const [idle, busy, waiting] = [await newSession(), await newSession(), await newSession()];
      const [done, running] = [newId<TurnId>(), newId<TurnId>()];
      await append(
        entry.turnQueued(idle, done),
        entry.turnQueued(waiting, newId()),
        entry.turnQueued(busy, running),
        entry.turnQueued(waiting, newId()),
        entry.turnStarted(idle, done),
        entry.turnEnded(idle, done, 'failed'),
        entry.turnStarted(busy, running),
      );
      const found = await store.readModel.sessionsWithOpenTurns();
      expect(found.filter((id) => [idle, busy, waiting].includes(id))).toEqual([waiting, busy]);
    });

    it('[JRN23] lists the runs of a session, each with its trace and its tool calls', async () => {
      const id = await newSession();
      const turns = [1, 2, 3].map(() => entry.turnQueued(id, newId()));
      let leaf: MessageId | null = null;
      for (const { data } of turns) {
        const asked = message(data.promptId, id, { parentId: leaf });
        await append(entry.messageCreated(asked), entry.branchSelected(id, asked.id));
        // The last one has said nothing yet.
        if (data === turns[2]?.data) continue;
        const answer = message(data.answerId, id, { parentId: asked.id, promptId: asked.id });
        await append(entry.messageCreated(answer), entry.branchSelected(id, answer.id));
        leaf = answer.id;
      }
      const runs = turns.map(({ data }) => {
        const own = trace(data.traceId, { sessionId: id });
        return { turn: data, trace: own, call: newId<ToolCallId>() };
      });
      await append(...turns, ...turns.map(({ data }) => entry.turnStarted(id, data.turnId)));
      expect(await store.readModel.sessionRuns(id, { limit: 10 })).toEqual([]);
      for (const { turn, trace: own, call } of runs) {
        const tool = { id: call, sessionId: id, turnId: turn.turnId, argumentsJson: '{}' };
        await append(
          entry.trace('trace.created', own),
          entry.tool({ ...tool, type: 'tool.call', status: 'running', at: start }),
        );
        if (turn === runs[2]?.turn) continue;
        await append(
          entry.tool({ ...tool, type: 'tool.result', status: 'completed', result: '"noon"', at: start + 5 }),
        );
      }
      const shown = { sessionId: id, name: 'clock', arguments: '{}', agentId: 'agent' };
      const expected = runs.map(({ turn, trace: own, call }, index) => ({
        messageId: turn.promptId,
        trace: own,
        toolCalls: [
          {
            ...shown,
            id: call,
            status: index === 2 ? 'running' : 'completed',
            result: index === 2 ? null : '"noon"',
            timestamp: isoTimestamp(index === 2 ? start : start + 5),
            startedAt: isoTimestamp(start),
          },
        ],
      }));
      const read = async (limit: number) =>
        (await store.readModel.sessionRuns(id, { limit })).map((run) => shownRun(run, 2000));
      expect(await read(10)).toEqual(expected);
      expect(await read(2)).toEqual(expected.slice(1));
      expect(await store.readModel.sessionRuns(newId(), { limit: 2 })).toEqual([]);
    });

    it('[JRN10] keeps tool calls whole, in the order in which they were made', async () => {
      const id = await newSession();
      const turnId = newId<TurnId>();
      const [first, second] = [newId<ToolCallId>(), newId<ToolCallId>()];
      const long = JSON.stringify({ text: 'y'.repeat(5000) });
      const call = (toolId: ToolCallId, argumentsJson: string) =>
        entry.tool({
          type: 'tool.call',
          id: toolId,
          sessionId: id,
          turnId,
          status: 'running',
          argumentsJson,
        });
      await append(call(first, long));
      await append(call(second, '{}'));
      await append(
        entry.tool({
          type: 'tool.result',
          id: first,
          sessionId: id,
          turnId,
          status: 'failed',
          argumentsJson: long,
          result: 'z'.repeat(3000),
          at: start + 5,
        }),
      );
      const common = {
        sessionId: id,
        turnId,
        answerId: null,
        step: 1,
        modelCallId: 'call_1',
        name: 'clock',
        agentId: 'agent',
        needsApproval: false,
        approvalDeadline: null,
        approval: null,
        startedAt: start,
      };
      const calls = [
        {
          ...common,
          id: first,
          status: 'failed',
          argumentsJson: long,
          result: 'z'.repeat(3000),
          endedAt: start + 5,
        },
        { ...common, id: second, status: 'running', argumentsJson: '{}', result: null, endedAt: null },
      ];
      expect(await store.readModel.toolCalls(turnId)).toStrictEqual(calls);
      expect(await store.readModel.sessionToolCalls(id, { limit: 10 })).toStrictEqual(calls);
      expect(await store.readModel.sessionToolCalls(id, { limit: 1 })).toStrictEqual(calls.slice(1));
      expect(await store.readModel.sessionToolCalls(id, { limit: 9, before: second })).toStrictEqual(
        calls.slice(0, 1),
      );
      expect(await store.readModel.sessionToolCalls(id, { limit: 9, before: newId() })).toEqual([]);
      expect(await store.readModel.toolCall(second)).toStrictEqual(calls[1]);
      expect(await store.readModel.toolCall(newId())).toBeUndefined();
    });

    it('[JRN22] keeps what a call waits for, and what was decided', async () => {
      const id = await newSession();
      const [turnId, toolId] = [newId<TurnId>(), newId<ToolCallId>()];
      const queued = entry.turnQueued(id, turnId);
      const about = { id: toolId, sessionId: id, turnId, step: 2 };
      await append(queued, entry.tool({ ...about, type: 'tool.call', status: 'awaitingApproval' }));
      const waiting = {
        answerId: queued.data.answerId,
        status: 'awaitingApproval',
        step: 2,
        needsApproval: true,
        approvalDeadline: start + 5,
        approval: null,
        endedAt: null,
      };
      expect(await store.readModel.toolCall(toolId)).toMatchObject(waiting);
      const approval = { decision: 'denied', reason: 'no' } as const;
      await append(
        entry.tool({
          ...about,
          type: 'tool.result',
          status: 'failed',
          result: 'Denied',
          approval,
          at: start + 9,
        }),
      );
      expect(await store.readModel.toolCall(toolId)).toMatchObject({
        ...waiting,
        status: 'failed',
        approval,
        approvalDeadline: start + 14,
        startedAt: start,
        endedAt: start + 9,
      });
    });

    it('[JRN22] keeps the steps of a turn, in their order, until its session is deleted', async () => {
      const id = await newSession();
      const turnId = newId<TurnId>();
      await append(entry.turnQueued(id, turnId), entry.turnStepEnded(id, turnId, 2, 'b'));
      await append(entry.turnStepEnded(id, turnId, 1, 'a'), entry.turnStepEnded(id, turnId, 2, 'c'));
      const step = (number: number, model: string) => ({
        step: number,
        answerUnits: 7,
        finishReason: 'tool-calls',
        usage: { inputTokens: 3 },
        model,
        continuation: { origin: 'a/b', step: { signed: model } },
      });
      expect(await store.readModel.turnSteps(turnId)).toStrictEqual([step(1, 'a'), step(2, 'c')]);
      await append(entry.sessionDeleted(id));
      expect(await store.readModel.turnSteps(turnId)).toEqual([]);
    });

    it('[JRN22] keeps the options of a session, and those that a turn was queued with', async () => {
      const id = newId<SessionId>();
      const options = { model: 'local/small', temperature: 0.25 };
      await append(entry.sessionCreated(session(id, { options })));
      expect(await store.readModel.session(id)).toStrictEqual(session(id, { options }));
      const turn = entry.turnQueued(id, newId());
      await append({ ...turn, data: { ...turn.data, options } });
      expect((await store.readModel.storedSession(id))?.turns[0]?.options).toStrictEqual(options);
      await append(entry.sessionUpdated(session(id)));
      expect(await store.readModel.session(id)).toStrictEqual(session(id));
    });

    it('[PRF1] keeps one layout per owner, the newest', async () => {
      const [one, other] = [newId<string>(), newId<string>()];
      await append(entry.layout(one, { a: 1 }), entry.layout(other, { b: [2] }));
      await append(entry.layout(one, { a: { deep: null } }));
      const { at } = entry.layout(one, {});
      expect(await store.readModel.layout(one)).toStrictEqual({
        layout: { a: { deep: null } },
        updatedAt: at,
      });
      expect(await store.readModel.layout(other)).toStrictEqual({ layout: { b: [2] }, updatedAt: at });
    });

    it('[PRF1] says of an owner without a layout since when the store exists', async () => {
      const { layout, updatedAt } = await store.readModel.layout(newId());
      expect(layout).toEqual({});
      expect(updatedAt).toBeGreaterThan(Date.UTC(2025, 11, 31));
      expect(updatedAt).toBeLessThanOrEqual(Date.now());
      expect((await store.readModel.layout(newId())).updatedAt).toBe(updatedAt);
    });
  });
}
