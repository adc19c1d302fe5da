/**
 * Topics: who gets what is published, and who cannot take any more.
 *
 * uWebSockets.js can skip sockets that are over their `maxBackpressure`, but reports only the first message of each
 * batch that it skips, and may deliver later ones of the same tick (test/src/gateway/sockets/callboard-v1-transport.test.ts). So
 * it is not allowed to skip: this counts the bytes that each topic has taken, and looks at the buffers of a topic's
 * members whenever they may have grown by `topicSlackBytes`. A member over its budget leaves its topics between two
 * frames, so what it has been given is always known exactly ([V1D1]).
 */
import type { Topic } from '../../../schema/wire/topic.ts';
import type { StreamBounds } from './stream-bounds.ts';

/** What a topic delivers to. */
export type TopicMember = {
  /** Bytes given to the transport that have not left yet. */
  readonly bufferedBytes: () => number;
  /** More than `socketBudgetBytes` are unsent. Must take the member off its topics. */
  readonly overBudget: () => void;
  /** Called for each frame when nobody else delivers it; absent for members of the transport's own topics. */
  readonly deliver?: ((frame: string, seq: number | undefined) => void) | undefined;
};

/** The transport's own topics: its sockets subscribe to them, and one call reaches all. Copies `frame`. */
export type NativePublish = (topic: Topic, frame: string | Uint8Array) => void;

type Members = {
  readonly all: Set<TopicMember>;
  /** How many have `deliver`. */
  local: number;
  /** Published since the members' buffers were last looked at. */
  bytes: number;
};

export class Topics {
  readonly #native: NativePublish;
  readonly #bounds: StreamBounds;
  readonly #topics = new Map<Topic, Members>();
  /** Topics that took more than the slack since `settle` was last called. */
  readonly #due = new Set<Members>();

  constructor(native: NativePublish, bounds: StreamBounds) {
    this.#native = native;
    this.#bounds = bounds;
  }

  add(topic: Topic, member: TopicMember): void {
    let members = this.#topics.get(topic);
    if (members === undefined) {
      members = { all: new Set(), local: 0, bytes: 0 };
      this.#topics.set(topic, members);
    }
    if (members.all.has(member)) return;
    members.all.add(member);
    if (member.deliver !== undefined) members.local++;
  }

  remove(topic: Topic, member: TopicMember): void {
    const members = this.#topics.get(topic);
    if (members === undefined || !members.all.delete(member)) return;
    if (member.deliver !== undefined) members.local--;
    if (members.all.size > 0) return;
    this.#topics.delete(topic);
    this.#due.delete(members);
  }

  numSubscribers(topic: Topic): number {
    return this.#topics.get(topic)?.all.size ?? 0;
  }

  /** `seq` of a durable event. Call {@link settle} when the frame is on all its topics. */
  publish(topic: Topic, frame: string | Uint8Array, seq?: number): void {
    const members = this.#topics.get(topic);
    if (members === undefined) return;
    if (members.local < members.all.size) this.#native(topic, frame);
    if (members.local > 0) {
      const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString();
      for (const member of members.all) member.deliver?.(text, seq);
    }
    // UTF-16 units of a text: at least a third of its bytes, which is near enough for a slack.
    members.bytes += frame.length;
    if (members.bytes >= this.#bounds.topicSlackBytes) this.#due.add(members);
  }

  /** Takes members off that are over their budget, before anything else is published. */
  settle(): void {
    if (this.#due.size === 0) return;
    const due = [...this.#due];
    this.#due.clear();
    for (const members of due) {
      members.bytes = 0;
      for (const member of [...members.all]) {
        if (member.bufferedBytes() > this.#bounds.socketBudgetBytes) member.overBudget();
      }
    }
  }
}
