/**
 * Goal: whatever happens to a session and to the connection, a client never shows a list that the session did not have,
 * shows the present one as soon as it can know it, and ends up with all of it. Method: a session that asks, answers,
 * regenerates, edits, deletes, selects branches and changes its queue at random, and a connection that is cut, resumed,
 * loses pieces, forgets events and answers reads late.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../schema/chat-message.ts';
import { followTree } from '../../../../src/client/tree.ts';
import { requestedCases } from '../../../effort.ts';
import { type FakeServer, type FakeSocket, fakeWorld, settled } from '../fake-server.ts';
import { session as sessionOf } from '../sample-frames.ts';
import { type ScriptedFrame, ScriptedSession } from './scripted-session.ts';

/** So few messages that not all of them are kept, but more than wait. */
const few = 6;

type Step = { readonly does: Deed; readonly which: number; readonly amount: number };

const deeds = {
  /** What the session does. */
  ask: 6,
  begin: 9,
  grow: 12,
  store: 3,
  end: 5,
  regenerate: 3,
  goOn: 2,
  edit: 3,
  delete: 2,
  select: 3,
  sendNow: 2,
  rename: 1,
  /** What happens to the connection. */
  lose: 2,
  cut: 2,
  reconnect: 5,
  forget: 1,
  read: 6,
} as const;
type Deed = keyof typeof deeds;

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.oneof(
    ...Object.entries(deeds).map(([deed, weight]) => ({ arbitrary: fc.constant(deed as Deed), weight })),
  ),
  which: fc.nat({ max: 30 }),
  amount: fc.nat({ max: 6 }),
});

type Read = { readonly path: string; readonly early: object; readonly answer: (body: object) => void };

/** Plays the session's server on the sockets and over REST. */
class ScriptedServer {
  readonly session: ScriptedSession;
  readonly #server: FakeServer;
  readonly #reads: Read[] = [];
  /** The socket that gets the events; `undefined`: none has subscribed. */
  #listener: FakeSocket | undefined;
  /** Events up to this `seq` are forgotten. */
  #forgotten: number;
  readonly seen = { resyncs: 0, resumes: 0, snapshots: 0, compact: 0 };
  /** Whether it speaks the compact form. */
  readonly #isCompact: boolean;
  /** The answer that grows, which has the number of those that there were. */
  #named: unknown;
  #number = 0;

  constructor(server: FakeServer, isCompact: boolean) {
    this.#server = server;
    this.#isCompact = isCompact;
    this.#forgotten = server.seq;
    this.session = new ScriptedSession(server.seq, (frame, isLost) => this.#say(frame, isLost));
    server.subscribed = (socket, frame) =>
      this.#subscribed(socket, frame.id, String(frame.data['since'] ?? ''));
    server.rest = ({ path }) =>
      new Promise((resolve) => {
        const answer = (body: object) => resolve({ status: 200, body });
        this.#reads.push({ path, early: this.#body(path), answer });
      });
  }

  get isListening(): boolean {
    return this.#listener?.readyState === 1;
  }

  get isReading(): boolean {
    return this.#reads.length > 0;
  }

  #say({ event, data, seq }: ScriptedFrame, isLost = false): void {
    const text = event === 'message.delta' ? this.#delta(data) : JSON.stringify({ event, data, seq });
    if (event === 'message.updated') this.#named = undefined;
    if (this.isListening && !isLost) this.#listener?.sayText(text);
  }

  /** The first one names its text, also when it is lost. */
  #delta(data: object): string {
    const { messageId, offset, text } = { messageId: '', offset: 0, text: '', ...data };
    if (!this.#isCompact) return JSON.stringify({ event: 'message.delta', data });
    if (this.#named !== messageId) {
      this.#named = messageId;
      return JSON.stringify({ event: 'message.delta', data, number: ++this.#number });
    }
    this.seen.compact++;
    return JSON.stringify([this.#number, offset, text]);
  }

  #snapshot(message: ChatMessage): object {
    if (!this.#isCompact) return { snapshot: true };
    if (this.#named !== message.id) this.#number++;
    this.#named = message.id;
    return { snapshot: true, number: this.#number };
  }

  #subscribed(socket: FakeSocket, id: number | undefined, since: string): void {
    const { session } = this;
    const cursor = since === '' ? session.seq : Number(since.split(':')[1]);
    if (cursor < this.#forgotten) {
      this.seen.resyncs++;
      socket.say('resync', { reason: 'retention', seq: session.seq });
    } else {
      const missed = session.log.filter(({ seq = 0 }) => seq > cursor);
      if (missed.length > 0) this.seen.resumes++;
      for (const { event, data, seq } of missed) socket.say(event, data, { seq });
    }
    const { snapshot } = session;
    if (snapshot !== undefined) {
      this.seen.snapshots++;
      socket.say('message.partial', snapshot, this.#snapshot(snapshot));
    }
    this.#listener = socket;
    socket.say('ack', { seq: session.seq, resumed: since !== '' }, { id });
  }

  #body(path: string): object {
    const { session } = this;
    const url = new URL(path, 'http://x');
    if (!url.pathname.endsWith('/messages')) return session.info;
    const query = url.searchParams;
    const all = query.get('branch') === 'all' ? session.messages : session.list;
    const before = query.get('before');
    const end =
      before === null
        ? all.length
        : Math.max(
            0,
            all.findIndex(({ id }) => id === before),
          );
    return session.stored(all.slice(Math.max(0, end - Number(query.get('limit'))), end));
  }

  /** Answers the oldest read, with what was there when it was asked, or with what is there now. */
  answerRead(isEarly: boolean): void {
    const read = this.#reads.shift();
    if (read !== undefined) read.answer(isEarly ? read.early : this.#body(read.path));
  }

  cut(): void {
    if (this.isListening) this.#listener?.drop(1006);
    this.#listener = undefined;
  }

  forget(): void {
    this.#forgotten = this.session.seq;
  }

  hello(): void {
    this.#server.seq = this.session.seq;
  }
}

const textOf = ({ id, content, status, queueRank }: ChatMessage) => ({ id, content, status, queueRank });

function act({ session, scripted }: Scene, { does, which, amount }: Step): void {
  const pick = <One>(list: readonly One[], then: (one: One) => void) => {
    const one = list[which % Math.max(1, list.length)];
    if (one !== undefined) then(one);
  };
  switch (does) {
    case 'ask':
      if (session.waiting.length < few - 1) session.ask();
      break;
    case 'begin':
      session.begin('x'.repeat(amount));
      break;
    case 'grow':
    case 'lose':
      session.grow(`${amount}`.repeat(1 + amount), does === 'lose' ? 0 : which % 4, does === 'lose');
      break;
    case 'store':
      session.store();
      break;
    case 'end':
      session.end((['complete', 'cut-off', 'failed', 'cancelled'] as const)[which % 4] ?? 'complete');
      break;
    case 'regenerate':
      pick(session.placed, (target) => session.regenerate(target));
      break;
    case 'goOn':
      pick(session.placed.slice(-2), (target) => session.goOn(target));
      break;
    case 'edit':
      pick(session.questions, (target) => session.edit(target));
      break;
    case 'delete':
      pick(session.messages.slice(1), (target) => session.delete(target));
      break;
    case 'select':
      pick(session.placed, (target) => session.select(target));
      break;
    case 'sendNow':
      pick(session.waiting, (target) => session.sendNow(target));
      break;
    case 'rename':
      session.rename(`title ${which}`);
      break;
    case 'cut':
      scripted.cut();
      break;
    case 'forget':
      scripted.forget();
      break;
    case 'read':
      scripted.answerRead(amount % 2 === 0);
      break;
    case 'reconnect':
      // Time passes, at the caller's.
      break;
  }
}

/** Two questions with their answers, the second of which was asked twice. */
function withPast(session: ScriptedSession): void {
  for (const does of ['ask', 'regenerate'] as const) {
    if (does === 'ask') {
      session.ask();
      session.begin('First');
      session.end('complete');
      session.ask();
    } else for (const question of session.questions.slice(1)) session.regenerate(question);
    session.begin('An answer');
    session.end('cut-off');
  }
}

type Scene = { readonly scripted: ScriptedServer; readonly session: ScriptedSession };

describe('a client of a session with branches', () => {
  it('[CLT3] [CLT13] shows only lists that the session had, the present one as soon as it can, all of it at the end', async () => {
    const numRuns = requestedCases({ quick: 200, full: 3000 });
    const counts = { resyncs: 0, resumes: 0, snapshots: 0, compact: 0 };
    const seen = { ...counts, rereads: 0, gaps: 0, branches: 0, checks: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
        fc.constantFrom(few, 1000),
        fc.boolean(),
        fc.boolean(),
        async (steps, messagesMax, watchesTree, isCompact) => {
          const scenes: Scene[] = [];
          const world = await fakeWorld(
            (server) => {
              const scripted = new ScriptedServer(server, isCompact);
              withPast(scripted.session);
              server.seq = scripted.session.seq;
              scenes.push({ scripted, session: scripted.session });
            },
            { messagesMax },
          );
          const [scene] = scenes;
          if (scene === undefined) throw new Error('no scene');
          const { scripted, session } = scene;
          const followed = world.client.session(sessionOf().id);
          const tree = watchesTree ? followTree(world.client, sessionOf().id) : undefined;
          // Where there are more than the client keeps, it may keep fewer for a while.
          const present = () =>
            messagesMax === few ? session.list.slice(-followed.messages.value.length || few) : session.list;
          /** Lists that were shown, and that the session never had. */
          const wrong: string[] = [];
          /** A piece was lost that the client cannot know of yet. */
          let isMissing = false;
          let found = 0;
          const check = () => {
            const { status, messages } = followed.snapshot.value;
            expect(wrong).toEqual([]);
            expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
            if (status !== 'current' || !scripted.isListening || scripted.isReading || isMissing) return;
            seen.checks++;
            expect(messages.map(textOf)).toEqual(present().map(textOf));
            expect(followed.snapshot.value.info).toEqual(session.info);
          };
          followed.messages.subscribe((messages) => {
            const ids = messages.map(({ id }) => id).join();
            const isRight = (list: string) => (messagesMax === few ? list.endsWith(ids) : list === ids);
            if (![...session.lists].some(isRight))
              wrong.push(messages.map(({ id }) => Number(id.slice(-3))).join());
          });
          for (const one of steps) {
            const before = followed.snapshot.value.status;
            act(scene, one);
            if (one.does === 'lose') {
              isMissing = true;
              found = world.violations.length;
            }
            scripted.hello();
            if (one.does === 'reconnect') await world.timers.pass(1000);
            else await settled();
            // Mostly reads are quick.
            while (scripted.isReading && one.which % 4 > 0) {
              scripted.answerRead(one.which % 4 > 1);
              await settled();
            }
            if (before === 'current' && followed.snapshot.value.status === 'rereading') seen.rereads++;
            if (session.snapshot === undefined || !scripted.isListening) isMissing = false;
            if (world.violations.length > found) isMissing = false;
            check();
          }
          // All faults end.
          session.end('complete');
          for (let round = 0; round < 30; round++) {
            scripted.hello();
            await world.timers.pass(1000);
            while (scripted.isReading) {
              scripted.answerRead(false);
              await settled();
            }
          }
          expect(followed.snapshot.value.status).toBe('current');
          expect(followed.messages.value.map(textOf)).toEqual(present().map(textOf));
          for (const message of followed.messages.value) {
            expect(message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe(
              message.content,
            );
          }
          expect(followed.snapshot.value.info).toEqual(session.info);
          if (tree !== undefined) {
            const texts = (messages: readonly ChatMessage[]) =>
              messages.map((message) =>
                message.status === 'streaming' ? { id: message.id } : textOf(message),
              );
            expect(texts(tree.state.value.value?.messages ?? [])).toEqual(texts(session.messages));
            expect(tree.state.value.value?.session).toEqual(session.info);
          }
          seen.gaps += world.violations.length;
          seen.resyncs += scripted.seen.resyncs;
          seen.resumes += scripted.seen.resumes;
          seen.snapshots += scripted.seen.snapshots;
          seen.compact += scripted.seen.compact;
          seen.branches += session.lists.size;
          world.client.close();
        },
      ),
      { numRuns },
    );
    // It was not vacuous.
    expect(seen.branches / numRuns).toBeGreaterThan(8);
    expect(seen.checks / numRuns).toBeGreaterThan(10);
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  }, 240_000);
});
