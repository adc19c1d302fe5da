/** What a `callboard.v1` client knows of the sessions and their messages: what events have told it, and nothing else. */
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { Participant } from '../../schema/participant.ts';

/** What REST lists of a session, with its current branch and who takes part. */
export type WholeListed = Listed & {
  readonly branch: readonly ChatMessage[];
  readonly participants: readonly Participant[];
};

/** Read over REST by a client that has no cursor, and of a session that begins with a conversation. */
export type Listed = { readonly session: ChatSession; readonly messages: readonly ChatMessage[] };

export type ToldFrame = { readonly event: string; readonly data: Readonly<Record<string, unknown>> };

export class ToldTree {
  readonly #sessions = new Map<string, ChatSession>();
  readonly #messages = new Map<string, ChatMessage>();
  /** By session and id. */
  readonly #participants = new Map<string, Participant>();

  /** Forgets what it was told, and begins with lists. */
  restart(lists: readonly WholeListed[]): void {
    this.#sessions.clear();
    this.#messages.clear();
    this.#participants.clear();
    for (const list of lists) {
      this.add(list);
      for (const one of list.participants) this.#participants.set(keyOf(one), one);
    }
  }

  add({ session, messages }: Listed): void {
    this.#sessions.set(session.id, session);
    for (const message of messages) this.#messages.set(message.id, message);
  }

  /** Frames have the shapes of the catalogue: other tests check that. */
  take({ event, data }: ToldFrame): void {
    switch (event) {
      case 'session.created':
      case 'session.updated':
        this.#sessions.set(String(data['id']), data as ChatSession);
        return;
      case 'session.deleted':
        this.#sessions.delete(String(data['id']));
        for (const { id, sessionId } of [...this.#messages.values()])
          if (sessionId === data['id']) this.#messages.delete(id);
        for (const [key, { sessionId }] of [...this.#participants])
          if (sessionId === data['id']) this.#participants.delete(key);
        return;
      case 'participant.added':
      case 'participant.updated':
        this.#participants.set(keyOf(data as Participant), data as Participant);
        return;
      case 'participant.removed':
        this.#participants.delete(keyOf(data as Participant));
        return;
      case 'message.created':
      case 'message.updated':
        this.#messages.set(String(data['id']), data as ChatMessage);
        return;
      case 'message.deleted':
        this.#prune(String(data['id']));
        return;
      case 'branch.selected':
        this.#select(String(data['sessionId']), data['leafId'] as ChatMessage['id'] | null);
        return;
      default:
        return;
    }
  }

  #prune(id: string): void {
    this.#messages.delete(id);
    for (const { id: below, parentId } of [...this.#messages.values()])
      if (parentId === id) this.#prune(below);
  }

  #select(id: string, leafId: ChatMessage['id'] | null): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const { leafId: _, ...rest } = session;
    this.#sessions.set(id, leafId === null ? rest : { ...rest, leafId });
  }

  /** Where it differs from what REST lists: the sessions, all their messages, and their current branches. */
  differences(lists: readonly WholeListed[]): readonly string[] {
    const faults: string[] = [];
    const compare = (what: string, told: unknown, listed: unknown) => {
      if (canonical(told) !== canonical(listed))
        faults.push(`${what}: told ${canonical(told)}, listed ${canonical(listed)}`);
    };
    const ids = (rows: Iterable<{ readonly id: string }>) => [...rows].map(({ id }) => id);
    compare('sessions', ids(this.#sessions.values()).sort(), ids(lists.map((one) => one.session)).sort());
    for (const { session, messages, branch, participants } of lists) {
      const taking = [...this.#participants.values()].filter(({ sessionId }) => sessionId === session.id);
      compare(`participants of ${session.id}`, taking, participants);
      const told = [...this.#messages.values()].filter(({ sessionId }) => sessionId === session.id);
      compare(`session ${session.id}`, this.#sessions.get(session.id), session);
      compare(`messages of ${session.id}`, ids(told).sort(), ids(messages).sort());
      for (const message of messages) compare('message', this.#messages.get(message.id), message);
      compare(`branch of ${session.id}`, this.#branch(session.id), ids(branch));
    }
    return faults;
  }

  /** Ids: the path to the leaf, then what waits. */
  #branch(session: string): readonly string[] {
    const path: string[] = [];
    for (let id: string | null | undefined = this.#sessions.get(session)?.leafId; id != null; ) {
      const message = this.#messages.get(id);
      // A message below itself: what is listed has an end.
      if (message === undefined || path.includes(id)) break;
      path.unshift(id);
      id = message.parentId;
    }
    const waiting = [...this.#messages.values()]
      .filter(({ sessionId, queueRank }) => sessionId === session && queueRank !== undefined)
      .sort((one, other) => (one.queueRank ?? 0) - (other.queueRank ?? 0));
    return [...path, ...waiting.map(({ id }) => id)];
  }
}

function keyOf({ sessionId, id }: Pick<Participant, 'sessionId' | 'id'>): string {
  return `${sessionId} ${id}`;
}

/** The order of keys is no difference. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
    ) ?? 'nothing'
  );
}
