/** The contract of `ReadModel.findSessions` and `toolCallsWith` (actors/ports.ts; SPEC, rules SRC), for every backend. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JournalEntry, JournalRejected } from '../../actors/ports.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { type ParticipantId, type ParticipantRole, participantIdSchema } from '../../schema/participant.ts';
import type { SessionQuery } from '../../schema/session-search.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, message, newId, participant, session, start } from './sample-entries.ts';

/** Letters of several scripts with spaces, each a word character to everybody. */
const arbitraryWord = fc
  .string({
    unit: fc.constantFrom(...'abcxyzéÜßñØйЖёΣςمصرאבקहिन0189'),
    minLength: 1,
    maxLength: 12,
  })
  .filter((word) => !/^\p{M}/u.test(word));
/** A run of scripts that are written without spaces. */
const arbitraryRun = fc.string({
  unit: fc.constantFrom(...'中文字天气很好ひらがなカタラーメ한국어สวัดี'),
  minLength: 2,
  maxLength: 10,
});
const separator = fc.constantFrom(' ', ', ', '\n', ' "', '* -', ' NEAR(', ' : ', '。', ' 🙂 ', ' ^ ');

type Life = { readonly kind: 'word' | 'run'; readonly text: string };
const arbitraryParts = fc.array(
  fc.oneof(
    arbitraryWord.map((text): Life => ({ kind: 'word', text })),
    arbitraryRun.map((text): Life => ({ kind: 'run', text })),
  ),
  { minLength: 1, maxLength: 6 },
);

export function sessionSearchContract(backend: JournalBackend, numRuns: number): void {
  describe(`finding sessions: ${backend.name}`, () => {
    let store: OpenJournal;
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());
    const append = (...batch: JournalEntry[]) => store.journal.append(batch);
    const find = (query: Omit<SessionQuery, 'limit'> & { readonly limit?: number }) =>
      store.readModel.findSessions({ limit: 100, ...query });
    const idsOf = async (query: Parameters<typeof find>[0]) => (await find(query)).map(({ id }) => id);
    const newSession = async (change: Parameters<typeof session>[1] = {}): Promise<SessionId> => {
      const id = newId<SessionId>();
      await append(entry.sessionCreated(session(id, change)));
      return id;
    };
    const said = async (id: SessionId, content: string): Promise<MessageFact> => {
      const one = message(newId(), id, { content });
      await append(entry.messageCreated(one));
      return one;
    };

    it('[SRC2] [SRC5] finds what was written by each word, prefix and pair of characters; nothing deleted', async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryParts,
          separator,
          fc.boolean(),
          fc.nat(),
          async (parts, between, inTitle, cut) => {
            const text = parts.map((part) => part.text).join(between);
            const id = await newSession(inTitle ? { title: text } : {});
            if (!inTitle) await said(id, text);
            const queries = parts.flatMap(({ kind, text: part }) => {
              const characters = [...part];
              if (kind === 'word') return [part, characters.slice(0, 1 + (cut % characters.length)).join('')];
              const from = cut % (characters.length - 1);
              const length = 2 + ((cut >> 4) % (characters.length - from - 1));
              return [part, characters.slice(from, from + length).join('')];
            });
            for (const q of [...queries, text]) expect(await idsOf({ q })).toContain(id);
            await append(entry.sessionDeleted(id));
            for (const q of queries) expect(await idsOf({ q })).not.toContain(id);
          },
        ),
        { numRuns },
      );
    });

    it('[SRC3] tells neither case nor accents apart, the same on every backend', async () => {
      const id = await newSession({ title: 'Café STRASSE Ελλάς Ёлка مِصْر ﬁn ﾗｰﾒﾝ' });
      for (const q of [
        'cafe',
        'CAFÉ',
        'straße',
        'ελλασ',
        'ΕΛΛΆΣ',
        'елка',
        'مصر',
        'fin',
        'ラーメン',
        'メン',
      ]) {
        expect(await idsOf({ q }), q).toContain(id);
      }
    });

    it('[SRC4] reads text to search for as text, whatever it is', async () => {
      const id = await newSession({ title: 'NEAR miss OR hit' });
      const message = await said(id, `it's 50% "quoted" foo_bar a\\b 🎉 zwölf`);
      for (const q of [
        'NEAR',
        'or HIT',
        'near -miss',
        'miss:or',
        '"miss',
        "it's",
        '50%',
        'foo_bar',
        'a\\b',
        '🎉',
      ]) {
        expect(await idsOf({ q }), q).toContain(id);
      }
      for (const q of ['', ' ', '"', "'", '*', '-', ':', '()', '!?…', '\u0301', '\ud800', '&|!<->', '\\']) {
        expect(await idsOf({ q }), q).toEqual([]);
      }
      for (const q of [
        'a'.repeat(10_000),
        '中'.repeat(10_000),
        'xylophone '.repeat(1000),
        'NEAR(a b, 3)',
        "xylophone' | 'zw",
      ]) {
        expect(await idsOf({ q })).toEqual([]);
      }
      expect((await find({ q: 'quoted' }))[0]?.snippets).toEqual([
        { messageId: message.id, text: message.content },
      ]);
    });

    it('[SRC2] needs all of a text in one title or one message', async () => {
      const id = await newSession({ title: 'Zebras' });
      await said(id, 'quagga stripes');
      await said(id, 'quagga hooves');
      expect(await idsOf({ q: 'quagga stripes' })).toEqual([id]);
      expect(await idsOf({ q: 'stripes hooves' })).toEqual([]);
      expect(await idsOf({ q: 'zebras quagga' })).toEqual([]);
    });

    it('[SRC5] finds a message by its newest whole text, and a session by its newest title', async () => {
      const id = await newSession({ title: 'Firsttitle' });
      const answer = message(newId<MessageId>(), id, { role: 'assistant', content: '' });
      await append(entry.messageCreated(answer));
      await append(entry.checkpoint({ sessionId: id, messageId: answer.id, offset: 0, text: 'halfway ' }));
      expect(await idsOf({ q: 'halfway' })).toEqual([]);
      await append(entry.messageUpdated({ ...answer, content: 'halfway through' }));
      expect(await idsOf({ q: 'halfway through' })).toEqual([id]);
      await append(entry.messageUpdated({ ...answer, content: 'elsewhere' }));
      expect(await idsOf({ q: 'halfway' })).toEqual([]);
      expect(await idsOf({ q: 'elsewhere' })).toEqual([id]);
      await append(entry.messageUpdated({ ...answer, content: '' }));
      expect(await idsOf({ q: 'elsewhere' })).toEqual([]);
      await append(entry.sessionUpdated(session(id, { title: 'Secondtitle' })));
      expect(await idsOf({ q: 'firsttitle' })).toEqual([]);
      expect(await idsOf({ q: 'secondtitle' })).toEqual([id]);
    });

    it('[SRC5] finds a session by its newest title, however often it is written, and if batches fail', async () => {
      const titles = ['Okapi', 'Quokka', 'Okapi again'];
      // The type forbids it; the store rejects the batch.
      const unwritable: DomainEvent = { type: 'logs.created', sessionId: null, data: [], at: start };
      const step = fc.record({
        kind: fc.constantFrom('update', 'update', 'update', 'delete', 'create'),
        title: fc.constantFrom(...titles),
        fails: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
        joins: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
          const id = newId<SessionId>();
          await append(entry.sessionCreated(session(id, { title: 'Okapi' })));
          let stored: string | undefined = 'Okapi';
          let batch: JournalEntry[] = [];
          let title: string | undefined = stored;
          for (const [index, { kind, fails, joins, ...change }] of steps.entries()) {
            if (kind === 'delete') title = undefined;
            else if (kind === 'create' || title !== undefined) title = change.title;
            if (kind === 'delete') batch.push(entry.sessionDeleted(id));
            else {
              const changed = session(id, { title: change.title });
              batch.push(kind === 'create' ? entry.sessionCreated(changed) : entry.sessionUpdated(changed));
            }
            if (joins && index < steps.length - 1) continue;
            if (fails) {
              await expect(
                append(...batch, unwritable as DomainEvent as JournalEntry),
              ).rejects.toBeInstanceOf(JournalRejected);
              title = stored;
            } else {
              await append(...batch);
              stored = title;
            }
            batch = [];
            const found = await Promise.all(
              ['okapi', 'quokka', 'again'].map(async (q) => [q, (await idsOf({ q })).includes(id)]),
            );
            const words = (stored ?? '').toLowerCase().split(' ');
            expect(found).toEqual(['okapi', 'quokka', 'again'].map((q) => [q, words.includes(q)]));
          }
          await append(entry.sessionDeleted(id));
        }),
        { numRuns },
      );
    });

    it('[SRC6] ranks titles first, then the last update, and pages without repeating', async () => {
      const at = (minute: number) => ({ updatedAt: isoTimestamp(start + minute * 60_000) });
      const old = await newSession({ title: 'Platypus', ...at(1) });
      const [a, b, c] = [await newSession(at(2)), await newSession(at(3)), await newSession(at(3))];
      for (const id of [c, a, b]) await said(id, 'the platypus swims');
      const expected = [old, c, b, a];
      expect(await idsOf({ q: 'platypus' })).toEqual(expected);
      const walked: SessionId[] = [];
      for (let before: SessionId | undefined; walked.length < 4; before = walked.at(-1)) {
        walked.push(...(await idsOf({ q: 'platypus', limit: 1, before })));
      }
      expect(walked).toEqual(expected);
      expect(await idsOf({ q: 'platypus', before: a })).toEqual([]);
      expect(await idsOf({ q: 'platypus', before: newId() })).toEqual([]);
    });

    it('[SRC7] shows the newest messages that match, cut around what was found', async () => {
      const id = await newSession();
      const filler = 'lorem ipsum dolor '.repeat(40);
      const sent: MessageFact[] = [];
      for (let n = 0; n < limits.searchSnippetsMax + 1; n++) {
        sent.push(await said(id, `${filler}number ${n}:\n the wombat digs ${filler}`));
      }
      const [found] = await find({ q: 'wombat' });
      expect(found?.snippets?.map((one) => one.messageId)).toEqual(
        sent
          .slice(1)
          .reverse()
          .map((one) => one.id),
      );
      for (const { text } of found?.snippets ?? []) {
        expect(text).toMatch(/^….*: the wombat digs .*…$/);
        expect(text.length).toBeLessThanOrEqual(limits.searchSnippetUnitsMax + 2);
      }
    });

    it('[SRC8] filters by status, activity and time, with and without text', async () => {
      const future = (minute: number) => start + 1e12 + minute * 60_000;
      const at = (minute: number) => ({ updatedAt: isoTimestamp(future(minute)) });
      const [a, b, c] = [
        await newSession({ title: 'Okapi one', ...at(1) }),
        await newSession({ title: 'Okapi two', ...at(2), status: 'archived' }),
        await newSession({ title: 'Okapi three', ...at(3) }),
      ];
      await append(entry.activity(c, 'thinking'));
      for (const q of [undefined, 'okapi']) {
        const updatedAfter = future(0);
        expect(await idsOf({ q, updatedAfter })).toEqual([c, b, a]);
        expect(await idsOf({ q, updatedAfter: future(1) })).toEqual([c, b]);
        expect(await idsOf({ q, updatedAfter, updatedBefore: future(3) })).toEqual([b, a]);
        expect(await idsOf({ q, updatedAfter, status: 'archived' })).toEqual([b]);
        expect(await idsOf({ q, updatedAfter, status: 'active' })).toEqual([c, a]);
        expect(await idsOf({ q, activity: 'thinking' })).toEqual([c]);
        expect(await idsOf({ q, updatedAfter, activity: 'idle' })).toEqual([b, a]);
        expect(await idsOf({ q, updatedAfter, before: c, limit: 1 })).toEqual([b]);
        expect(await idsOf({ q, updatedAfter, before: newId() })).toEqual([]);
      }
      expect((await find({ status: 'archived', updatedAfter: future(0) }))[0]).not.toHaveProperty('snippets');
    });

    it('[SRC11] finds the sessions in which somebody takes part, and those in which an agent does', async () => {
      const future = (minute: number) => start + 2e12 + minute * 60_000;
      const at = (minute: number) => ({ updatedAt: isoTimestamp(future(minute)) });
      const [a, b, c] = [
        await newSession({ title: 'Numbat one', ...at(1) }),
        await newSession({ title: 'Numbat two', ...at(2), status: 'archived' }),
        await newSession({ title: 'Numbat three', ...at(3) }),
      ];
      const coder = participantIdSchema.parse('agent:coder');
      const ada = participantIdSchema.parse("ada's %_key");
      const join = (id: SessionId, who: ParticipantId, role: ParticipantRole) =>
        append(entry.participant('participant.added', participant(id, { id: who, role })));
      await join(a, coder, 'agent');
      await join(b, coder, 'agent');
      await join(c, coder, 'observer');
      await join(b, ada, 'owner');
      for (const q of [undefined, 'numbat']) {
        expect(await idsOf({ q, participant: coder })).toEqual([c, b, a]);
        expect(await idsOf({ q, agent: coder })).toEqual([b, a]);
        expect(await idsOf({ q, participant: ada })).toEqual([b]);
        expect(await idsOf({ q, participant: ada, agent: coder })).toEqual([b]);
        expect(await idsOf({ q, participant: coder, status: 'active', updatedAfter: future(1) })).toEqual([
          c,
        ]);
        expect(await idsOf({ q, participant: coder, limit: 1, before: c })).toEqual([b]);
        expect(await idsOf({ q, participant: participantIdSchema.parse('nobody') })).toEqual([]);
      }
      await append(entry.participant('participant.updated', participant(a, { id: coder, role: 'observer' })));
      await append(entry.participantRemoved(b, coder));
      expect(await idsOf({ agent: coder })).toEqual([]);
      expect(await idsOf({ participant: coder })).toEqual([c, a]);
      await append(entry.sessionDeleted(c));
      expect(await idsOf({ participant: coder })).toEqual([a]);
    });

    it('[APR9] lists the calls of all sessions that wait for a person, page by page', async () => {
      const tell = async (id: ToolCallId, owner: SessionId, status: 'awaitingApproval' | 'failed') => {
        const type = status === 'failed' ? 'tool.result' : 'tool.call';
        await append(entry.tool({ type, id, sessionId: owner, turnId: newId<TurnId>(), status, step: 1 }));
        return id;
      };
      const ask = (owner: SessionId) => tell(newId<ToolCallId>(), owner, 'awaitingApproval');
      const [a, b] = [await newSession(), await newSession()];
      const [one, two, three, four] = [await ask(a), await ask(b), await ask(a), await ask(a)];
      const waiting = async (limit: number, before?: ToolCallId) =>
        (await store.readModel.toolCallsWith('awaitingApproval', { limit, before })).map(({ id }) => id);
      expect(await waiting(100)).toEqual([one, two, three, four]);
      expect(await waiting(2)).toEqual([three, four]);
      expect(await waiting(2, three)).toEqual([one, two]);
      expect(await waiting(2, newId())).toEqual([]);
      await tell(three, a, 'failed');
      expect(await waiting(100)).toEqual([one, two, four]);
      // A page begins before a call that has been decided meanwhile.
      expect(await waiting(100, three)).toEqual([one, two]);
      await append(entry.sessionDeleted(b));
      expect(await waiting(100)).toEqual([one, four]);
    });
  });
}
