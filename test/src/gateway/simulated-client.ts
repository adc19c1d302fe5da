/**
 * A client in memory that believes nothing: every frame is checked against what the journal says must come next, and
 * against the text that it has so far (I1–I4).
 */
import type { CommittedEvent } from '../../../actors/ports.ts';
import { eventCatalogue, type WireNamespace } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { type Selection, selects } from '../../../src/gateway/subscriptions.ts';
import type { SimulatedJournal } from './simulated-journal.ts';

type Frame = {
  readonly event: string;
  readonly data: Record<string, unknown>;
  readonly seq?: number;
  readonly snapshot?: true;
  readonly id?: number;
};

export function matching(selection: Selection, { event }: CommittedEvent): boolean {
  const { namespace } = eventCatalogue[event.type];
  return selects(selection, namespace as WireNamespace, event.sessionId);
}

/** Reads the frames of one selection, over as many connections as it takes. */
export class SimulatedClient {
  readonly selection: Selection;
  readonly #journal: SimulatedJournal;
  readonly #baseline: boolean;
  /** Everything that matches up to here has come, or its absence was announced. */
  at: number | undefined;
  readonly texts = new Map<string, string>();
  readonly #created = new Set<string>();
  readonly #ended = new Set<string>();
  durables = 0;
  snapshots = 0;
  resyncs = 0;

  constructor(journal: SimulatedJournal, selection: Selection, baseline: boolean) {
    this.#journal = journal;
    this.selection = selection;
    this.#baseline = baseline;
  }

  /** A new connection: without a cursor it begins with what comes next. */
  restart(): void {
    this.at = undefined;
    this.texts.clear();
    this.#created.clear();
  }

  readonly take = (text: string): void => {
    const frame: Frame = JSON.parse(text);
    const { event, data } = frame;
    switch (event) {
      case 'hello':
        if (data['resumed'] === true) check(this.at !== undefined, 'resumed what had no cursor');
        else if (this.at === undefined) this.at = Number(data['seq']);
        return;
      case 'resync':
        this.resyncs++;
        this.restart();
        this.at = Number(data['seq']);
        return;
      case 'heartbeat':
        check(
          this.#next(Number(data['seq'])) === undefined,
          'a heartbeat says that more was sent than has come',
        );
        return;
      case 'message.delta':
        this.#delta(data);
        return;
      case 'message.partial':
        this.#partial(String(data['id']), String(data['content']));
        if (frame.snapshot) this.snapshots++;
        return;
      default:
        if (frame.snapshot) this.snapshots++;
        else this.#durable(frame);
    }
  };

  /** What is missing when everything has come to rest. */
  missing(): string[] {
    const next = this.#next(Number.POSITIVE_INFINITY);
    const texts = this.#journal
      .growing()
      .filter(({ sessionId }) => selects(this.selection, 'chat-messages', sessionId))
      .filter(({ id, text }) => this.texts.get(id) !== text);
    return [
      ...(next === undefined ? [] : [`event ${next.seq} after ${this.at}`]),
      ...texts.map(({ id, text }) => `${id}: ${text}, not ${this.texts.get(id)}`),
    ];
  }

  #next(seqMax: number): CommittedEvent | undefined {
    return this.#journal.wire.find(
      (committed) =>
        committed.seq > (this.at ?? 0) && committed.seq <= seqMax && matching(this.selection, committed),
    );
  }

  #durable({ event, data, seq }: Frame): void {
    const expected = this.#next(Number.POSITIVE_INFINITY);
    check(expected !== undefined, `${event} ${seq} came although nothing was due after ${this.at}`);
    const isExpected = this.#baseline
      ? event === expected.event.type && JSON.stringify(data) === JSON.stringify(expected.event.data)
      : seq === expected.seq;
    check(isExpected, `${event} ${seq} came instead of ${expected.event.type} ${expected.seq}`);
    this.at = expected.seq;
    this.durables++;
    if (event === 'message.created') this.#created.add(String(data['id']));
    if (event === 'message.updated') {
      const id = String(data['id']);
      const text = this.texts.get(id) ?? '';
      check(String(data['content']).startsWith(text), 'the final content continues what came before');
      this.#ended.add(id);
    }
  }

  #delta(data: Frame['data']): void {
    const id = String(data['messageId']);
    const text = this.texts.get(id);
    check(!this.#ended.has(id), 'a delta after the end of its message');
    const known =
      this.#created.has(id) || text !== undefined || !this.#sees('chat-sessions', data['sessionId']);
    check(known, 'a delta before its message.created');
    check(
      data['offset'] === (text ?? '').length,
      `a delta at ${data['offset']} after ${(text ?? '').length} units`,
    );
    this.texts.set(id, (text ?? '') + String(data['text']));
  }

  #partial(id: string, content: string): void {
    check(!this.#ended.has(id), 'a partial after the end of its message');
    check(content.startsWith(this.texts.get(id) ?? ''), 'a partial continues what came before');
    this.texts.set(id, content);
  }

  #sees(namespace: WireNamespace, sessionId: unknown): boolean {
    return selects(this.selection, namespace, sessionId as SessionId);
  }
}

type Asked = { readonly selection: Selection; readonly since: number | undefined; removed: boolean };

type Acked = { readonly selection: Selection; readonly from: number };

function isSame(one: Selection, other: Selection): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Several overlapping subscriptions on one connection: each event once, whatever is subscribed when ([V1B3]). */
export class SimulatedLiveClient {
  readonly #journal: SimulatedJournal;
  readonly #asked = new Map<number, Asked>();
  #acked: Acked[] = [];
  #optional: Selection[] = [];
  /** With the subscriptions that were due each event when it came. */
  readonly received = new Map<number, readonly Acked[]>();
  #ids = 0;

  constructor(journal: SimulatedJournal) {
    this.#journal = journal;
  }

  /** The frame to send; `since`: a `seq` of this store. */
  subscribe(selection: Selection, since: number | undefined, cursor: string | undefined): object {
    const id = ++this.#ids;
    this.#asked.set(id, { selection, since, removed: false });
    return { event: 'subscribe', data: { ...selection, since: cursor }, id };
  }

  unsubscribe(): object | undefined {
    const [one] = this.#acked;
    if (one === undefined) return undefined;
    // Whether what is published meanwhile still comes is not for a client to know.
    this.#optional.push(one.selection);
    this.#acked = this.#acked.filter(({ selection }) => !isSame(selection, one.selection));
    for (const asked of this.#asked.values()) {
      if (isSame(asked.selection, one.selection)) asked.removed = true;
    }
    return { event: 'unsubscribe', data: one.selection };
  }

  readonly take = (text: string): void => {
    const { event, data, seq, id }: Frame = JSON.parse(text);
    if (event === 'exception') {
      // Storage that is down, a bound, or an unsubscribe of what a refusal kept from being subscribed.
      check(/unavailable|too_many|not_found/.test(String(data['code'])), `refused: ${text}`);
      return;
    }
    if (event === 'ack') {
      const asked = this.#asked.get(id ?? 0);
      check(asked !== undefined, 'an ack that nothing asked for');
      const from = data['resumed'] === true ? (asked.since ?? 0) : Number(data['seq']);
      if (!asked.removed) this.#acked.push({ selection: asked.selection, from });
      return;
    }
    if (seq === undefined) return;
    // What came for a subscription that is gone may be asked for again.
    const before = this.received.get(seq)?.find((one) => this.#acked.includes(one));
    check(before === undefined, `event ${seq} came twice`);
    const committed = this.#journal.wire.find((one) => one.seq === seq);
    check(committed !== undefined, `event ${seq} came although it was never committed`);
    const due = [...this.#acked.map(({ selection }) => selection), ...this.#optional];
    check(
      due.some((selection) => matching(selection, committed)),
      `event ${seq} came although nobody asked`,
    );
    const owed = this.#acked.filter(({ selection, from }) => seq > from && matching(selection, committed));
    this.received.set(seq, owed);
  };

  missing(): string[] {
    return this.#journal.wire
      .filter((one) => this.#acked.some(({ selection, from }) => one.seq > from && matching(selection, one)))
      .filter(({ seq }) => !this.received.has(seq))
      .map(({ seq }) => `event ${seq}`);
  }
}

function check(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new Error(statement);
}
