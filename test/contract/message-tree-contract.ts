/**
 * The contract of the tree of messages (actors/ports.ts; SPEC [TREE20]–[TREE30]), for every backend. Random trees are
 * compared with a simple model: a list of messages with their parents.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { listedInPages } from './listed-in-pages.ts';
import { entry, message, newId, session, trace } from './sample-entries.ts';
import { arbitraryShape, TreeModel } from './tree-model.ts';

export function messageTreeContract(backend: JournalBackend, numRuns: number): void {
  describe(`message trees: ${backend.name}`, () => {
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
    const current = (id: SessionId, limit = 100, before?: MessageId) =>
      listedInPages(store.readModel, id, { limit, before }, 'current');

    it('[ORC1] measures the path to the leaf, in messages and in bytes of UTF-8', async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryShape,
          fc.nat(),
          fc.string({ unit: 'grapheme' }),
          async (shape, nth, text) => {
            const id = await newSession();
            const model = new TreeModel(id, shape);
            const leaf = model.placed[nth % Math.max(1, model.placed.length)];
            const content = text.replaceAll('\0', '');
            await append(
              ...model.messages.map((one) => entry.messageCreated({ ...one, content })),
              entry.branchSelected(id, leaf?.id ?? null),
            );
            const messages = leaf === undefined ? 0 : model.path(leaf.id).length;
            const bytes = messages * Buffer.byteLength(content);
            expect(await store.readModel.historySize(id)).toStrictEqual({ messages, bytes });
          },
        ),
        { numRuns },
      );
      expect(await store.readModel.historySize(newId())).toStrictEqual({ messages: 0, bytes: 0 });
    });

    it('[TREE20] [TREE21] lists the path to the leaf, then what waits; a page before a message is what is above it', async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryShape,
          fc.nat(),
          fc.integer({ min: 1, max: 5 }),
          async (shape, nth, limit) => {
            const id = await newSession();
            const model = new TreeModel(id, shape);
            const leaf = model.placed[nth % Math.max(1, model.placed.length)];
            await append(
              ...model.messages.map(entry.messageCreated),
              entry.branchSelected(id, leaf?.id ?? null),
            );
            const list = [...model.path(leaf?.id), ...model.waiting];
            expect(await current(id)).toStrictEqual(list);
            expect(await current(id, limit)).toStrictEqual(list.slice(-limit));
            expect(await listedInPages(store.readModel, id, { limit: 100 }, 'all')).toStrictEqual(
              model.messages,
            );
            for (const one of model.messages) {
              const whole = one.queueRank === undefined ? model.path(one.id) : list;
              const before = whole.slice(
                0,
                whole.findIndex((other) => other.id === one.id),
              );
              expect(await current(id, limit, one.id)).toStrictEqual(before.slice(-limit));
            }
            expect(await current(id, limit, newId())).toEqual([]);
            expect((await store.readModel.storedSession(id))?.waiting).toStrictEqual(model.waiting);
            expect((await store.readModel.session(id))?.leafId).toBe(leaf?.id);
          },
        ),
        { numRuns },
      );
    });

    it('[TREE22] tells where a message stands, like a list of messages with their parents', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryShape, fc.nat(), async (shape, nth) => {
          const id = await newSession();
          const model = new TreeModel(id, shape);
          const leaf = model.placed[nth % Math.max(1, model.placed.length)];
          const turns = model.messages.map((one, index) => {
            const { data, ...queued } = entry.turnQueued(id, newId());
            const asked = { promptId: one.id };
            const pushed = { agent: 'outside', leaseMs: 1000, parentId: one.id };
            const isPushed = one.queueRank === undefined && index % 2 === 1;
            const told = isPushed ? { promptId: data.answerId, pushed } : asked;
            return { at: one.id, entry: { ...queued, data: { ...data, ...told } } };
          });
          await append(
            ...model.messages.map(entry.messageCreated),
            entry.branchSelected(id, leaf?.id ?? null),
          );
          await append(
            ...turns.map(({ entry: queued }) => queued),
            entry.turnEnded(id, turns[0]?.entry.data.turnId ?? newId(), 'completed'),
          );
          for (const one of model.messages) {
            const place = await store.readModel.place(id, one.id);
            const waits = one.queueRank !== undefined;
            const inside = (other: { readonly id: MessageId }) => model.isBelow(other.id, one.id);
            const parent = one.parentId ?? null;
            const beside = (other: MessageFact) =>
              !inside(other) && (parent === null || (other.id !== parent && model.isBelow(other.id, parent)));
            const open = turns.slice(1).filter(({ at }) => inside({ id: at }));
            expect(place).toStrictEqual({
              message: one,
              prompt: one,
              hasChildren: !waits && model.messages.some(({ parentId }) => parentId === one.id),
              newestLeafId: waits ? one.id : model.newestLeaf(inside),
              isOnBranch: !waits && leaf !== undefined && inside(leaf),
              leafWithoutId: waits ? null : (model.newestLeaf(beside) ?? parent),
              openTurns: open.map(({ entry: queued }) => queued.data.turnId),
            });
          }
          expect(await store.readModel.place(id, newId())).toBeUndefined();
          expect(await store.readModel.place(newId(), leaf?.id ?? newId())).toBeUndefined();
        }),
        { numRuns },
      );
    });

    it('[TREE29] deletes a message with all below it, and what turns did there, whatever the batch', async () => {
      await fc.assert(
        fc.asyncProperty(arbitraryShape, fc.nat(), fc.boolean(), async (shape, nth, together) => {
          const id = await newSession();
          const model = new TreeModel(id, shape);
          const target = model.messages[nth % model.messages.length] ?? message(newId(), id);
          const turns = model.messages.map((one) => {
            const queued = entry.turnQueued(id, newId());
            return { ...queued, data: { ...queued.data, promptId: one.id } };
          });
          const calls = turns.map(({ data }) => ({
            id: newId<ToolCallId>(),
            sessionId: id,
            turnId: data.turnId,
          }));
          const late = message(newId(), id, { parentId: null, content: 'late' });
          const written = [
            ...model.messages.map(entry.messageCreated),
            ...turns,
            ...calls.map((call) => entry.tool({ ...call, type: 'tool.call', status: 'running' })),
            ...turns.map(({ data }) => entry.turnStepEnded(id, data.turnId, 1, 'a')),
          ];
          const deletion = [entry.messageDeleted(id, target.id), entry.messageCreated(late)];
          if (together) await append(...written, ...deletion);
          else {
            await append(...written);
            await append(...deletion);
          }
          const stays = (one: MessageId) => !model.isBelow(one, target.id);
          const left = model.messages.filter((one) => stays(one.id));
          const { readModel } = store;
          expect(await readModel.messages(id, { limit: 100 }, 'all')).toStrictEqual([...left, late]);
          const leftTurns = turns.filter(({ data }) => stays(data.promptId)).map(({ data }) => data.turnId);
          const stored = await readModel.storedSession(id);
          expect(stored?.turns.map(({ turnId }) => turnId)).toEqual(leftTurns);
          expect((await readModel.sessionToolCalls(id, { limit: 100 })).map(({ turnId }) => turnId)).toEqual(
            leftTurns,
          );
          for (const { data } of turns) {
            const steps = leftTurns.includes(data.turnId) ? 1 : 0;
            expect(await readModel.turnSteps(data.turnId)).toHaveLength(steps);
          }
        }),
        { numRuns },
      );
    });

    it('[TREE29] deletes an answer with its turn, leaves the question, and finds nothing of it', async () => {
      const id = await newSession();
      const question = message(newId(), id, { content: 'Unforgettable' });
      const queued = entry.turnQueued(id, newId());
      const turn = { ...queued, data: { ...queued.data, promptId: question.id } };
      const about = { parentId: question.id, promptId: question.id, role: 'assistant' } as const;
      const answer = message(turn.data.answerId, id, { ...about, content: 'Zanzibar', status: 'streaming' });
      await append(entry.messageCreated(question), turn, entry.messageCreated(answer));
      await append(entry.checkpoint({ sessionId: id, messageId: answer.id, offset: 8, text: '!' }));
      const finds = async (q: string) => (await store.readModel.findSessions({ q, limit: 10 })).length;
      expect([await finds('zanzibar'), await finds('unforgettable')]).toEqual([1, 1]);
      await append(entry.messageDeleted(id, answer.id), entry.turnEnded(id, turn.data.turnId, 'cancelled'));
      expect([await finds('zanzibar'), await finds('unforgettable')]).toEqual([0, 1]);
      expect(await store.readModel.messages(id, { limit: 9 }, 'all')).toStrictEqual([question]);
      expect((await store.readModel.storedSession(id))?.turns).toEqual([]);
    });

    it('[TREE23] keeps what an answer is made of, and how it ended', async () => {
      const id = await newSession();
      const said = message(newId(), id, {
        ...{ role: 'assistant', content: 'Hello', status: 'cut-off', finishReason: 'length', model: 'small' },
        usage: { inputTokens: 3, outputTokens: 2 },
        marks: [
          { offset: 0, part: { type: 'reasoning', text: 'Hm' } },
          { offset: 2, part: null },
          { offset: 5, part: { type: 'step', step: 2 } },
        ],
      });
      await append(entry.messageCreated(message(said.id, id)), entry.messageUpdated(said));
      expect(await store.readModel.message(id, said.id)).toStrictEqual(said);
      const plain = { ...message(newId(), id), status: 'complete' as const, marks: [] };
      await append(entry.messageCreated(plain));
      expect(await store.readModel.message(id, plain.id)).toStrictEqual(message(plain.id, id));
    });

    it('[TREE30] adds the marks of each checkpoint behind those up to its offset', async () => {
      const id = await newSession();
      const said = message(newId(), id, { content: '', status: 'streaming' });
      const step = (offset: number, number: number) => ({
        offset,
        part: { type: 'step' as const, step: number },
      });
      const checkpoint = (offset: number, text: string, ...marks: ReturnType<typeof step>[]) =>
        entry.checkpoint({ sessionId: id, messageId: said.id, offset, text, marks });
      await append(entry.messageCreated(said));
      await append(checkpoint(0, 'One', step(0, 2)));
      await append(checkpoint(3, ' two', step(3, 3), step(7, 4)), checkpoint(7, ' three'));
      const read = () => store.readModel.message(id, said.id);
      expect(await read()).toMatchObject({
        content: 'One two three',
        marks: [step(0, 2), step(3, 3), step(7, 4)],
      });
      await append(checkpoint(4, 'TWO', step(4, 5)));
      expect(await read()).toMatchObject({ content: 'One TWO', marks: [step(0, 2), step(3, 3), step(4, 5)] });
      await append(entry.messageUpdated({ ...said, content: 'Whole' }));
      expect(await read()).toStrictEqual({ ...said, content: 'Whole' });
    });

    it('[TREE24] takes a turn that is queued again at its new place, queued since it first was', async () => {
      const id = await newSession();
      const [first, second] = [entry.turnQueued(id, newId()), entry.turnQueued(id, newId())];
      const at = (turn: typeof first, rank: number) => ({ ...turn, data: { ...turn.data, rank } });
      await append(at(first, 1), at(second, 2));
      await append({
        ...second,
        at: second.at + 9,
        data: { ...second.data, rank: 0, steers: true, continuesAt: 4 },
      });
      const stored = await store.readModel.storedSession(id);
      expect(
        stored?.turns.map(({ turnId, rank, steers, continuesAt }) => [turnId, rank, steers, continuesAt]),
      ).toEqual([
        [second.data.turnId, 0, true, 4],
        [first.data.turnId, 1, false, undefined],
      ]);
    });

    it('[TREE28] lists the runs of the current branch', async () => {
      const id = await newSession();
      const exchange = (prompt: MessageFact) => {
        const queued = entry.turnQueued(id, newId<TurnId>());
        const turn = { ...queued, data: { ...queued.data, promptId: prompt.id } };
        const about = { parentId: prompt.id, promptId: prompt.id };
        const own = entry.trace('trace.created', trace(turn.data.traceId, { sessionId: id }));
        return { turn, own, answer: message(turn.data.answerId, id, about) };
      };
      const question = message(newId(), id);
      const [one, other] = [exchange(question), exchange(question)];
      const below = message(newId(), id, { parentId: one.answer.id });
      const next = exchange(below);
      await append(entry.messageCreated(question), entry.messageCreated(below));
      for (const { turn, own, answer } of [one, other])
        await append(turn, own, entry.turnStarted(id, turn.data.turnId), entry.messageCreated(answer));
      // Nothing was said yet.
      await append(next.turn, next.own, entry.turnStarted(id, next.turn.data.turnId));
      const runs = async (leaf: MessageId, limit = 9): Promise<TraceId[]> => {
        await append(entry.branchSelected(id, leaf));
        return (await store.readModel.sessionRuns(id, { limit })).map((run) => run.trace.id);
      };
      expect(await runs(other.answer.id)).toEqual([other.turn.data.traceId]);
      expect(await runs(below.id)).toEqual([one.turn.data.traceId, next.turn.data.traceId]);
      expect(await runs(below.id, 1)).toEqual([next.turn.data.traceId]);
    });

    it('[TREE27] [TREE25] copies a conversation: an import of the copy reads like what was copied', async () => {
      const id = await newSession();
      const question = message(newId(), id, { content: 'Copyable' });
      const queued = entry.turnQueued(id, newId());
      const turn = { ...queued, data: { ...queued.data, promptId: question.id, options: { model: 'a/b' } } };
      const about = { parentId: question.id, promptId: question.id, role: 'assistant' } as const;
      const answer = message(turn.data.answerId, id, { ...about, content: 'Answer', status: 'cancelled' });
      const other = message(newId(), id, { ...about, content: 'Other version' });
      const streaming = message(newId(), id, { parentId: answer.id, status: 'streaming' });
      const waiting = message(newId(), id, { queueRank: 1 });
      const call = { id: newId<ToolCallId>(), sessionId: id, turnId: turn.data.turnId, step: 1 };
      await append(
        ...[question, answer, other, streaming, waiting].map(entry.messageCreated),
        turn,
        entry.branchSelected(id, streaming.id),
        entry.trace('trace.created', trace(turn.data.traceId, { sessionId: id })),
        entry.turnStepEnded(id, turn.data.turnId, 1, 'a'),
        entry.tool({ ...call, type: 'tool.result', status: 'completed', result: '"noon"' }),
        entry.tool({ ...call, id: newId(), type: 'tool.call', status: 'running' }),
        entry.turnEnded(id, turn.data.turnId, 'cancelled'),
      );
      const copy = await store.readModel.copyOf(id, answer.id);
      expect(copy?.messages).toStrictEqual([question, answer]);
      expect(copy?.leafId).toBe(answer.id);
      expect(copy?.turns).toMatchObject([
        { turnId: turn.data.turnId, outcome: 'cancelled', reason: 'because', options: { model: 'a/b' } },
      ]);
      expect(copy?.turns[0]?.steps.map(({ step }) => step)).toEqual([1]);
      expect(copy?.turns[0]?.trace?.id).toBe(turn.data.traceId);
      expect(copy?.calls.map(({ id: callId, result }) => [callId, result])).toEqual([[call.id, '"noon"']]);
      const whole = await store.readModel.copyOf(id, 'all');
      expect(whole?.messages).toStrictEqual([question, answer, other]);
      expect(whole?.leafId).toBe(answer.id);
      expect((await store.readModel.copyOf(id, waiting.id))?.leafId).toBe(answer.id);
      expect(await store.readModel.copyOf(id, newId())).toBeUndefined();
      expect(await store.readModel.copyOf(newId(), 'all')).toBeUndefined();

      // In the place of the original, whose ids it has.
      await append(entry.sessionDeleted(id));
      const fork = newId<SessionId>();
      const imported = copy ?? { leafId: null, messages: [], turns: [], calls: [] };
      const forkedFrom = { sessionId: id, messageId: answer.id };
      await append(entry.sessionCreated(session(fork, { forkedFrom })), entry.imported(fork, imported));
      expect(await store.readModel.session(fork)).toStrictEqual(
        session(fork, { leafId: answer.id, forkedFrom }),
      );
      expect(await current(fork)).toStrictEqual(
        [question, answer].map((one) => ({ ...one, sessionId: fork })),
      );
      expect(await store.readModel.copyOf(fork, 'all')).toStrictEqual({
        ...imported,
        messages: imported.messages.map((one) => ({ ...one, sessionId: fork })),
      });
      expect(
        (await store.readModel.sessionRuns(fork, { limit: 9 })).map((run) => run.toolCalls[0]?.result),
      ).toEqual(['"noon"']);
      expect((await store.readModel.findSessions({ q: 'copyable', limit: 9 })).map((one) => one.id)).toEqual([
        fork,
      ]);
      await append(entry.sessionUpdated(session(fork, { forkedFrom, title: 'Renamed' })));
      expect(await store.readModel.session(fork)).toStrictEqual(
        session(fork, { forkedFrom, title: 'Renamed' }),
      );
    });

    it.each([
      ['10,000 messages deep', 10_000, 1],
      ['1,000 versions wide', 2001, 1000],
    ])(
      '[TREE32] reads pages and places of a tree %s',
      async (_name, count, width) => {
        const id = await newSession();
        const root = message(newId(), id);
        const messages = [root];
        for (let branch = 0; branch < width; branch++) {
          let parentId = root.id;
          for (let below = 0; below < Math.floor((count - 1) / width); below++) {
            const one = message(newId(), id, { parentId });
            messages.push(one);
            parentId = one.id;
          }
        }
        for (let from = 0; from < messages.length; from += 1000) {
          await append(...messages.slice(from, from + 1000).map(entry.messageCreated));
        }
        const leaf = messages.at(-1) ?? root;
        await append(entry.branchSelected(id, leaf.id));
        const branch = width === 1 ? messages : [root, ...messages.slice(-Math.floor((count - 1) / width))];
        const page = await current(id, 50);
        expect(page).toStrictEqual(branch.slice(-50));
        expect(await current(id, 50, page[0]?.id)).toStrictEqual(branch.slice(-100, -50));
        expect(await current(id, 20_000)).toHaveLength(branch.length);
        expect(await store.readModel.place(id, root.id)).toMatchObject({
          hasChildren: true,
          newestLeafId: leaf.id,
          isOnBranch: true,
          leafWithoutId: null,
        });
        const second = branch[1] ?? root;
        expect(await store.readModel.place(id, second.id)).toMatchObject({
          newestLeafId: leaf.id,
          leafWithoutId: width === 1 ? root.id : messages.at(-1 - Math.floor((count - 1) / width))?.id,
        });
        await append(entry.messageDeleted(id, second.id));
        expect(await store.readModel.messages(id, { limit: 5 }, 'all')).toHaveLength(width === 1 ? 1 : 5);
      },
      60_000,
    );
  });
}
