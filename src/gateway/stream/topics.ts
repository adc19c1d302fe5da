/**
 * Topics: deliver published frames to their members, and detect members that are too slow.
 *
 * uWebSockets.js can skip sockets that are over their `maxBackpressure`, but reports only the first message of each
 * batch that it skips, and may deliver later ones of the same tick
 * (test/src/gateway/sockets/callboard-v1-transport.test.ts). So it is not allowed to skip: this class counts the
 * bytes that each topic has taken, and checks the buffers of a topic's members whenever they may have grown by
 * `topicSlackBytes`. A member over its budget leaves its topics between two frames, so it is always known exactly
 * which frames it was given ([V1D1]).
 */
import type { Topic } from '../../../schema/wire/topic.ts';
import type { StreamBounds } from './stream-bounds.ts';

/** One connection on a topic. */
export type TopicMember = {
  /** Bytes given to the transport that have not left yet. */
  readonly bufferedBytes: () => number;
  /** Called when more than `socketBudgetBytes` are unsent. Must take the member off its topics. */
  readonly overBudget: () => void;
  /** Called with each frame, for members that the transport's own topics do not serve; absent for the others. */
  readonly deliver?: ((frame: string, seq: number | undefined) => void) | undefined;
};

/** Publishes on the transport's own topics: its sockets subscribe to them, and one call reaches all. Copies `frame`. */
export type NativePublish = (topic: Topic, frame: string | Uint8Array) => void;

type Members = {
  readonly all: Set<TopicMember>;
  /** How many members have `deliver`. */
  local: number;
  /** Bytes published since the members' buffers were last checked. */
  bytes: number;
};

export class Topics {
  readonly #native: NativePublish;
  readonly #bounds: StreamBounds;
  readonly #topics = new Map<Topic, Members>();
  /** Topics that took more than the slack since the last `settle`. */
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

  /** `seq` is given for durable events. Call {@link settle} when the frame is on all its topics. */
  publish(topic: Topic, frame: string | Uint8Array, seq?: number): void {
    const members = this.#topics.get(topic);
    if (members === undefined) return;
    if (members.local < members.all.size) this.#native(topic, frame);
    if (members.local > 0) {
      const text = typeof frame === 'string' ? frame : Buffer.from(frame).toString();
      for (const member of members.all) member.deliver?.(text, seq);
    }
    // Counts UTF-16 units: at least a third of the text's bytes, which is precise enough here.
    members.bytes += frame.length;
    if (members.bytes >= this.#bounds.topicSlackBytes) this.#due.add(members);
  }

  /** Takes members that are over their budget off their topics, before anything else is published. */
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
