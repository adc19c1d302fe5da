/**
 * The subscriptions of one connection, and how far each has been served ([V1B1]–[V1B3]).
 *
 * Every subscription promises each matching wire event after `from`, once. A live subscription gets events from its
 * topics; any other has been served up to `position` and catches up from there. An event that several subscriptions
 * match is delivered by only one of them: an event that another has delivered, or will deliver from its topics, is
 * left out.
 */

import type { SessionId } from '../../../schema/ids.ts';
import {
  agentTopicsOf,
  heartbeatTopic,
  sessionTopicOf,
  type Topic,
  topicOf,
  type WireFormat,
} from '../../../schema/wire/topic.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import { hearsEverything, type Reach } from '../access/reach.ts';
import type { SentEvent } from './hot-window.ts';

/** What a subscription selects: namespaces, of all sessions or of one. */
export type Selection = {
  readonly namespaces: readonly WireNamespace[];
  readonly sessionId?: SessionId | undefined;
  /** Of `turns`, only what is addressed to this outside agent or to any. Never with `sessionId` ([OFR2]). */
  readonly agent?: string | undefined;
};

type Subscription = Selection & {
  readonly from: number;
  /** `null`: live. */
  position: number | null;
};

/** What a removed subscription had delivered; remembered while others catch up over the same events. */
type Delivered = Selection & { readonly from: number; readonly until: number };

export class Subscriptions {
  readonly #format: WireFormat;
  readonly #reach: Reach;
  #subscriptions: Subscription[] = [];
  #gone: Delivered[] = [];
  #version = 0;

  constructor(format: WireFormat, reach: Reach = hearsEverything) {
    this.#format = format;
    this.#reach = reach;
  }

  /** Changes whenever the events to catch up on change in another way than by catching up. */
  get version(): number {
    return this.#version;
  }

  /** How many subscriptions there are, including removed ones that must still be remembered. */
  get size(): number {
    return this.#subscriptions.length + this.#gone.length;
  }

  has(selection: Selection): boolean {
    return this.#subscriptions.some((subscription) => isSame(subscription, selection));
  }

  /** Whether the selection and an existing subscription can select the same turn on topics that differ ([OFR2]). */
  clashesWith(selection: Selection): boolean {
    return this.#subscriptions.some((subscription) => clash(subscription, selection));
  }

  /** `live`: it gets events from its topics at once; otherwise it catches up from `from`. */
  add(selection: Selection, { from, live }: { readonly from: number; readonly live: boolean }): void {
    // An existing equal subscription is kept, unless the new one reaches further back.
    if (this.#subscriptions.some((other) => isSame(other, selection) && other.from <= from)) return;
    // A new array has no spare capacity: most connections have only this one subscription.
    this.#subscriptions = [...this.#subscriptions, { ...selection, from, position: live ? null : from }];
    this.#version++;
  }

  /** Returns false when there is no such subscription. `newest` is the newest `seq` published. */
  remove(selection: Selection, newest: number): boolean {
    const [removed, kept] = partition(this.#subscriptions, (one) => isSame(one, selection));
    if (removed.length === 0) return false;
    this.#subscriptions = kept;
    if (this.replayPosition() === undefined) this.#gone = [];
    else this.#gone.push(...removed.map((one) => ({ ...one, until: one.position ?? newest })));
    this.#version++;
    return true;
  }

  /** Ends the subscriptions of a session that may not be seen any more. */
  loseSession(id: SessionId): void {
    if (!this.#subscriptions.some(({ sessionId }) => sessionId === id)) return;
    this.#subscriptions = this.#subscriptions.filter(({ sessionId }) => sessionId !== id);
    this.#version++;
  }

  /** Marks every live subscription as served up to `seq`; their topics bring them no more events. */
  fallBehind(seq: number): void {
    for (const subscription of this.#subscriptions) subscription.position ??= seq;
    this.#version++;
  }

  /** The `seq` from which to catch up; `undefined` when every subscription is live. */
  replayPosition(): number | undefined {
    let position: number | undefined;
    for (const subscription of this.#subscriptions) {
      if (subscription.position !== null && subscription.position < (position ?? Number.POSITIVE_INFINITY)) {
        position = subscription.position;
      }
    }
    return position;
  }

  /** What to read in order to catch up: one selection for all sessions, or one for each session. */
  replaySelections(): readonly Selection[] {
    const replaying = this.#subscriptions.filter((one) => one.position !== null);
    const bySession = Map.groupBy(replaying, (one) => one.sessionId);
    // Of an agent's turns all are read: few are addressed to others, and `isMissing` leaves those out.
    return [...bySession].map(([sessionId, group]) => ({
      sessionId,
      namespaces: [...new Set(group.flatMap((one) => one.namespaces))],
    }));
  }

  /** Whether this event must be delivered while catching up. */
  isMissing(wire: SentEvent): boolean {
    const { seq } = wire;
    let missing = false;
    for (const one of this.#subscriptions) {
      if (seq <= one.from || !selects(one, wire.namespace, wire.event.sessionId, wire.addressee)) continue;
      if (one.position === null || seq <= one.position) return false;
      missing = true;
    }
    if (!missing) return false;
    return !this.#gone.some(
      (one) =>
        seq > one.from &&
        seq <= one.until &&
        selects(one, wire.namespace, wire.event.sessionId, wire.addressee),
    );
  }

  /** Notes that every event up to `seq` has been caught up on. */
  caughtUp(seq: number): void {
    for (const one of this.#subscriptions) {
      if (one.position !== null && one.position < seq) one.position = seq;
    }
  }

  /** Gives up missing events up to `seq`, after the client was told: only later ones are promised. */
  lose(seq: number): void {
    this.#subscriptions = this.#subscriptions.map((one) =>
      one.position === null ? one : { ...one, from: Math.max(one.from, seq), position: seq },
    );
    this.#version++;
  }

  /** The live selections of all sessions. */
  live(): readonly Selection[] {
    return this.#subscriptions.filter((one) => one.position === null && one.sessionId === undefined);
  }

  /** The selections that are not live; their snapshots are sent just before they become so. */
  replaying(): readonly Selection[] {
    return this.#subscriptions.filter((one) => one.position !== null);
  }

  /** Makes every subscription live, once all have caught up. */
  join(): void {
    const merged: Subscription[] = [];
    for (const one of this.#subscriptions) {
      one.position = null;
      const other = merged.findIndex((earlier) => isSame(earlier, one));
      if (other < 0) merged.push(one);
      else if (one.from < (merged[other]?.from ?? 0)) merged[other] = one;
    }
    this.#subscriptions = merged;
    this.#gone = [];
  }

  /**
   * The topics of the live subscriptions; a session's topic is left out where its whole namespace is subscribed
   * ([V1B3]).
   */
  topics(): ReadonlySet<Topic> {
    const live = this.#subscriptions.filter((one) => one.position === null);
    const { audiences } = this.#reach;
    const heard = (names: readonly WireNamespace[]) => names.filter(this.#reach.hears);
    const topics = new Set<Topic>();
    const whole = new Set<WireNamespace>();
    const form = this.#format === 'compact' ? 'compact' : 'v1';
    for (const { namespaces, sessionId, agent } of live) {
      if (sessionId !== undefined) continue;
      for (const name of heard(namespaces)) {
        if (name === 'turns' && agent !== undefined) continue;
        whole.add(name);
        for (const audience of audiences) topics.add(topicOf(this.#format, name, audience));
      }
    }
    for (const { namespaces, agent } of live) {
      if (agent === undefined || !heard(namespaces).includes('turns') || whole.has('turns')) continue;
      for (const audience of audiences) {
        for (const topic of agentTopicsOf(agent, audience)) topics.add(topic);
      }
    }
    for (const { namespaces, sessionId } of live) {
      if (sessionId === undefined) continue;
      for (const name of heard(namespaces)) {
        if (!whole.has(name)) topics.add(sessionTopicOf(name, sessionId, form));
      }
    }
    // A heartbeat says that everything before it was sent, so only a connection with no missing events may get it.
    if (this.#format !== 'baseline' && live.length === this.#subscriptions.length) topics.add(heartbeatTopic);
    return topics;
  }
}

/**
 * Whether `selection` includes events of this namespace and session. `addressee`: the agent that they are addressed to;
 * `null`: any; absent: they are addressed to none.
 */
export function selects(
  { namespaces, sessionId, agent }: Selection,
  namespace: WireNamespace,
  ofSession: SessionId | null,
  addressee?: string | null,
): boolean {
  return (
    (sessionId === undefined || sessionId === ofSession) &&
    (agent === undefined || addressee === undefined || addressee === null || addressee === agent) &&
    namespaces.includes(namespace)
  );
}

function clash(one: Selection, other: Selection): boolean {
  const isOfAgent = ({ namespaces, agent }: Selection) => agent !== undefined && namespaces.includes('turns');
  const isOfSession = ({ namespaces, sessionId }: Selection) =>
    sessionId !== undefined && namespaces.includes('turns');
  return (isOfAgent(one) && isOfSession(other)) || (isOfSession(one) && isOfAgent(other));
}

function isSame(one: Selection, other: Selection): boolean {
  return (
    one.sessionId === other.sessionId &&
    one.agent === other.agent &&
    one.namespaces.length === other.namespaces.length &&
    one.namespaces.every((name) => other.namespaces.includes(name))
  );
}

function partition<Value>(values: readonly Value[], test: (value: Value) => boolean): [Value[], Value[]] {
  const passed: Value[] = [];
  const failed: Value[] = [];
  for (const value of values) (test(value) ? passed : failed).push(value);
  return [passed, failed];
}
