/**
 * Sends the tree to one inspector: first a snapshot in parts, then changes; when the inspector falls behind, a new
 * snapshot.
 */

import { limits } from '../../schema/limits.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { inspectFrame } from '../../schema/wire/inspect-frame.ts';
import type { TreeMirror } from './tree-mirror.ts';

/** Sends a frame if there is room for it. */
export type Offer = (frame: string) => boolean;

type Phase =
  /** The inspector has no views, or outdated ones. */
  | { readonly name: 'stale' }
  | { readonly name: 'snapshot'; readonly rest: Iterator<string>; isFirst: boolean }
  | { readonly name: 'live' };

export class TreeReader {
  readonly #mirror: TreeMirror;
  readonly #offer: Offer;
  #phase: Phase = { name: 'stale' };

  constructor(mirror: TreeMirror, offer: Offer) {
    this.#mirror = mirror;
    this.#offer = offer;
  }

  /** Begins again with a snapshot. */
  restart(): void {
    this.#phase = { name: 'stale' };
  }

  /** Call it once per interval, with what is new. */
  tell(news: readonly string[], at: Milliseconds): void {
    if (this.#phase.name !== 'stale') {
      for (const frame of news) if (!this.#send(frame)) return;
    } else if (this.#mirror.isComplete) {
      this.#phase = { name: 'snapshot', rest: this.#mirror.views(), isFirst: true };
    }
    for (let frames = 0; frames < limits.inspectSnapshotFramesMax; frames++) {
      if (this.#phase.name !== 'snapshot' || !this.#sendPart(this.#phase, at)) return;
    }
  }

  #sendPart(phase: Extract<Phase, { name: 'snapshot' }>, at: Milliseconds): boolean {
    const views: string[] = [];
    let last = false;
    while (views.length < limits.inspectFrameActorsMax && !last) {
      const { done, value } = phase.rest.next();
      if (done === true) last = true;
      else views.push(value);
    }
    const head = `"first":${phase.isFirst},"last":${last},"at":${at}`;
    if (!this.#send(inspectFrame('inspect.snapshot', `{${head},"actors":[${views.join(',')}]}`)))
      return false;
    phase.isFirst = false;
    if (last) this.#phase = { name: 'live' };
    return true;
  }

  #send(frame: string): boolean {
    const sent = this.#offer(frame);
    if (!sent) this.#phase = { name: 'stale' };
    return sent;
  }
}
