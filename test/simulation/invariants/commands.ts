/**
 * I10. Every command has a unique text, so its effects can be found in the journal: none unless it was accepted, at
 * most one, before its acknowledgement, and within a session in the order of acceptance.
 */
import { laneOf } from '../../../actors/outbox/lane-key.ts';
import type { MessageFact } from '../../../schema/chat-message.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { MessageId } from '../../../schema/ids.ts';
import type { Outcome, RefusalCode } from '../../../schema/refusal.ts';
import { type FactOf, nameOfMessage } from '../facts.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import { addsMessage, keyOf, markOf, messageIdOf, type Order } from '../orders.ts';
import type { Truth } from '../truth.ts';

const holds: Holds = holdsOf('I10');

export const commands: Invariant = {
  name: 'I10',
  says: 'An acknowledged command survives; a name has one effect; a session handles commands in their order.',
  watch: (_history, truth) => {
    const ledger = new Ledger(truth);
    return {
      hear: (fact) => {
        if (fact.kind === 'taken') ledger.taken(fact);
        else if (fact.kind === 'answered') ledger.answered(fact);
        else if (fact.kind === 'committed') ledger.committed(fact.event);
        else if (fact.kind === 'died') ledger.died();
      },
    };
  },
};

/** Refusals after which a command never has an effect. */
const definite: ReadonlySet<RefusalCode> = new Set([
  'queue_full',
  'session_busy',
  'not_found',
  'conflict',
  'overloaded',
  'shutting_down',
]);

type Account = {
  readonly order: Order;
  /** When it was accepted, counted over all commands; and how often. */
  readonly at: number;
  times: number;
  effects: number;
  /** Accepted by a process that has died. */
  old: boolean;
  answer: string | undefined;
  refused: RefusalCode | undefined;
};

/**
 * A message that is repeated by its id is answered as it is now ([CMD1]): its place may have changed, and what it says
 * only if it was edited.
 */
function answerText(order: Order, value: unknown): string {
  if (!addsMessage(order.kind) || typeof value !== 'object' || value === null) {
    return JSON.stringify(value) ?? 'null';
  }
  const { parentId: _, queueRank: __, parts: ___, edited, ...rest } = { ...varying, ...value };
  return JSON.stringify(edited === true ? { ...rest, content: markOf(order) } : rest);
}

/** Its parts are made of its content. */
const varying = { parentId: null, queueRank: null, parts: [], edited: false };

class Ledger {
  readonly #truth: Truth;
  readonly #accounts = new Map<string, Account>();
  /** The newest command of each session, and of each trace of a client, that had its effect. */
  readonly #reached = new Map<string, Account>();
  readonly #ofConnection = new Map<number, number>();
  readonly #titles = new Map<string, string>();
  readonly #contents = new Map<string, string>();
  readonly #descriptions = new Map<string, string>();
  readonly #keys = new Set<string>();
  #taken = 0;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  taken({ order, connection }: FactOf<'taken'>): void {
    if (connection !== undefined) {
      const before = this.#ofConnection.get(connection) ?? 0;
      holds(
        order.number > before,
        () => `${markOf(order)} reached the door after a later frame of its socket`,
      );
      this.#ofConnection.set(connection, order.number);
    }
    const known = this.#accounts.get(markOf(order));
    if (known !== undefined) known.times++;
    else {
      const fresh = { effects: 0, old: false, answer: undefined, refused: undefined };
      this.#accounts.set(markOf(order), { order, at: ++this.#taken, times: 1, ...fresh });
    }
  }

  died(): void {
    for (const account of this.#accounts.values()) account.old = true;
  }

  answered({ order, outcome }: FactOf<'answered'>): void {
    const account = this.#accounts.get(markOf(order));
    if (account === undefined) return;
    if (outcome.ok) this.#acknowledged(account, outcome);
    else {
      const { code, retryable } = outcome.refusal;
      // After `internal`, only the name tells whether a command took effect, so it must be repeated.
      const isGone = order.session !== null && this.#truth.tables.session(order.session) === undefined;
      const messageId = addsMessage(order.kind) ? messageIdOf(order) : undefined;
      const isDeleted = messageId !== undefined && this.#messageOf(order, messageId) === undefined;
      holds(
        account.answer === undefined ||
          retryable ||
          code === 'internal' ||
          (code === 'not_found' && isGone) ||
          (code === 'conflict' && isDeleted),
        () => `${markOf(order)} was acknowledged and is now refused: ${outcome.refusal.message}`,
      );
      account.refused = code;
    }
  }

  #messageOf({ session }: Order, id: MessageId): MessageFact | undefined {
    return session === null ? undefined : this.#truth.tables.message(session, id);
  }

  #acknowledged(account: Account, outcome: Outcome<unknown> & { readonly ok: true }): void {
    const { order } = account;
    const answer = answerText(order, outcome.value);
    holds(
      !order.named || account.answer === undefined || account.answer === answer,
      () => `${markOf(order)} was answered ${account.answer}, and then ${answer}`,
    );
    account.answer = answer;
    const session = order.session === null ? undefined : this.#truth.tables.session(order.session);
    switch (order.kind) {
      case 'create':
      case 'ask':
      case 'askInstead':
      case 'askAlone':
      case 'note':
      case 'edit':
      case 'rename':
      case 'join':
      case 'changeRole':
      case 'register':
      case 'change':
      case 'traceAppend':
        holds(account.effects > 0, () => `${markOf(order)} was acknowledged before it was committed`);
        return;
      case 'archive':
      case 'unarchive':
      case 'close':
      case 'reopen':
      case 'leave':
        // The next command may have undone it in the same commit, so only its stored answer tells.
        holds(
          !order.named || this.#keys.has(keyOf(order)),
          () => `${markOf(order)} was acknowledged before it was committed`,
        );
        return;
      case 'delete':
        holds(session === undefined, () => `${markOf(order)} was acknowledged, and the session is there`);
        return;
      case 'approve':
      case 'deny': {
        const call = order.callId === undefined ? undefined : this.#truth.tables.toolCall(order.callId);
        const decided = call?.approval?.decision;
        const expected = order.kind === 'approve' ? 'approved' : 'denied';
        holds(
          // A call goes with the message that it belongs to.
          session === undefined || call === undefined || decided === expected,
          () => `${markOf(order)} was acknowledged, and the call is ${decided ?? 'undecided'}`,
        );
        return;
      }
      case 'prune': {
        const message = order.messageId === undefined ? undefined : this.#messageOf(order, order.messageId);
        holds(message === undefined, () => `${markOf(order)} was acknowledged, and the message is there`);
        return;
      }
      case 'cancel':
      case 'configure':
      case 'rotate':
      case 'deactivate':
      case 'activate':
      case 'traceBegin':
      case 'traceEnd':
      case 'regenerate':
      case 'goOn':
      case 'select':
      case 'sendNow':
      case 'steer':
        return;
    }
  }

  committed(event: DomainEvent): void {
    if (event.type === 'command.completed') {
      holds(!this.#keys.has(event.data.key), () => `the ${event.data.key} was done twice`);
      this.#keys.add(event.data.key);
      return;
    }
    const mark = this.#effectOf(event);
    const account = mark === undefined ? undefined : this.#accounts.get(mark);
    if (account === undefined) return;
    account.effects++;
    holds(account.effects === 1, () => `${mark} took effect ${account.effects} times`);
    const { refused } = account;
    holds(
      account.times > 1 || refused === undefined || !definite.has(refused),
      () => `${mark} was refused (${refused}) and took effect`,
    );
    this.#inOrder(account, laneOf(event) ?? '');
  }

  #inOrder(account: Account, lane: string): void {
    // If a command was accepted several times, it is not known which one had the effect.
    if (account.times > 1 || account.old) return;
    const before = this.#reached.get(lane);
    holds(
      before === undefined || before.at < account.at || before.times > 1,
      () => `${markOf(account.order)} took effect after ${before === undefined ? '' : markOf(before.order)}`,
    );
    this.#reached.set(lane, account);
  }

  /** The unique text of the command whose effect this event is, if it is one. */
  #effectOf(event: DomainEvent): string | undefined {
    switch (event.type) {
      case 'message.created':
      case 'message.updated': {
        const { id, sessionId, content, promptId } = event.data;
        const name = nameOfMessage(sessionId, id);
        // Answers have texts of the model. A message that waited is told again when it has its place.
        if (promptId !== undefined || this.#contents.get(name) === content) return undefined;
        this.#contents.set(name, content);
        return content;
      }
      case 'session.created':
      case 'session.updated': {
        const { id, title } = event.data;
        // A title that was there before is not an effect, however often it is sent.
        if (this.#titles.get(id) === title) return undefined;
        this.#titles.set(id, title);
        return title;
      }
      case 'participant.added':
      case 'participant.updated':
        return event.data.name;
      case 'tool.registered':
      case 'tool.updated': {
        const { name, description } = event.data;
        if (this.#descriptions.get(name) === description) return undefined;
        this.#descriptions.set(name, description);
        return description;
      }
      case 'trace.span.appended':
        return event.data.origin === 'client' ? event.data.name : undefined;
      default:
        return undefined;
    }
  }
}
