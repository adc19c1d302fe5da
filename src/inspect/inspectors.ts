/**
 * Inspectors: connections that watch the live tree, or the events of one actor. One comparison per interval finds the
 * changes for all of them. Without inspectors, nothing is watched and no timer runs.
 */

import type { Clock } from '../../actors/ports.ts';
import { contextOf } from '../../actors/watch/actor-state.ts';
import { actorsFrom, pathOfActor, sessionOfPath, viewOf } from '../../actors/watch/actor-tree.ts';
import type { LiveActors } from '../../actors/watch/live-actors.ts';
import { operatorCommands, sessionSnapshotOf } from '../../actors/watch/operator-commands.ts';
import { isAtOrBelow } from '../../schema/actor-path.ts';
import type { ActorPath } from '../../schema/actor-view.ts';
import { limits } from '../../schema/limits.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import { shownContext } from '../../schema/shown-json.ts';
import {
  type InspectEvents,
  type InspectFocused,
  type InspectSubscribed,
  inspectFrame,
} from '../../schema/wire/inspect-frame.ts';
import { FocusStream } from './focus-stream.ts';
import { type EmissionLookup, inspectEventOf } from './happening.ts';
import { TreeMirror } from './tree-mirror.ts';
import { type Offer, TreeReader } from './tree-reader.ts';

/** The connection that gets an inspector's frames. */
export type InspectReader = {
  /** Sends a frame if there is room for it. */
  readonly offer: Offer;
  /** Returns true when the connection has gone. */
  readonly isGone: () => boolean;
};

type Focus = {
  readonly path: ActorPath;
  readonly stream: FocusStream;
  readonly end: () => void;
  told: number;
  /** How many events had no room on the connection. */
  missed: number;
};

type Inspector = { tree: TreeReader | null; focus: Focus | null };

export class Inspectors {
  readonly #live: LiveActors;
  readonly #clock: Clock;
  readonly #emissions: EmissionLookup;
  readonly #inspectors = new Map<InspectReader, Inspector>();
  #mirror: TreeMirror | null = null;
  #cancelTick: (() => void) | null = null;
  #textNoticedAt = 0;

  /** `previewUnitsMax` is the setting with which clients' frames are made. */
  constructor(live: LiveActors, clock: Clock, previewUnitsMax: number) {
    this.#live = live;
    this.#clock = clock;
    this.#emissions = { seqOf: (event) => live.seqOf(event), previewUnitsMax };
  }

  get size(): number {
    return this.#inspectors.size;
  }

  /** Sends the tree, beginning with a snapshot. A connection that has it already gets a new snapshot. */
  subscribe(reader: InspectReader): Outcome<InspectSubscribed> {
    const inspector = this.#inspectorOf(reader);
    if (!inspector.ok) return inspector;
    this.#mirror ??= new TreeMirror(this.#live);
    inspector.value.tree ??= new TreeReader(this.#mirror, reader.offer);
    inspector.value.tree.restart();
    const sessions = [...this.#live.roots()].filter(
      (root) => sessionOfPath(pathOfActor(root)) !== null,
    ).length;
    return accepted({ sessions, intervalMs: limits.inspectIntervalMs });
  }

  unsubscribe(reader: InspectReader): Outcome<null> {
    const inspector = this.#inspectors.get(reader);
    if (inspector === undefined || inspector.tree === null) {
      return refused(refusal('not_found', 'There is no such subscription'));
    }
    inspector.tree = null;
    this.#tidy();
    return accepted(null);
  }

  /** Sends the events of an actor and all below it, and no longer those of another; `null`: of none. */
  focus(reader: InspectReader, path: ActorPath | null): Outcome<InspectFocused> {
    if (path === null) {
      this.#unfocus(this.#inspectors.get(reader));
      this.#tidy();
      return accepted({ actorId: null, live: false });
    }
    const inspector = this.#inspectorOf(reader);
    if (!inspector.ok) return inspector;
    this.#unfocus(inspector.value);
    const stream = new FocusStream(path, this.#clock.now);
    const end = this.#live.listen(rootPathOf(path), stream);
    inspector.value.focus = { path, stream, end, told: 0, missed: 0 };
    return accepted({ actorId: path, live: this.#actorsBelow(path).length > 0 });
  }

  /** Removes every inspector, and stops watching. */
  stop(): void {
    for (const inspector of this.#inspectors.values()) this.#unfocus(inspector);
    this.#inspectors.clear();
    this.#tidy();
  }

  #inspectorOf(reader: InspectReader): Outcome<Inspector> {
    let inspector = this.#inspectors.get(reader);
    if (inspector === undefined) {
      if (this.#inspectors.size >= limits.inspectorsMax) {
        const reason = `At most ${limits.inspectorsMax} connections can inspect at the same time`;
        return refused(refusal('too_many_subscriptions', reason));
      }
      inspector = { tree: null, focus: null };
      this.#inspectors.set(reader, inspector);
    }
    this.#cancelTick ??= this.#clock.after(limits.inspectIntervalMs, this.#tick);
    return accepted(inspector);
  }

  readonly #tick = (): void => {
    this.#cancelTick = null;
    for (const [reader, inspector] of this.#inspectors) {
      if (!reader.isGone()) continue;
      this.#unfocus(inspector);
      this.#inspectors.delete(reader);
    }
    this.#tidy();
    if (this.#inspectors.size === 0) return;
    this.#cancelTick = this.#clock.after(limits.inspectIntervalMs, this.#tick);
    const at = this.#clock.now();
    if (this.#mirror !== null) this.#tellTree(this.#mirror, at);
    for (const [reader, { focus }] of this.#inspectors)
      if (focus !== null) this.#tellFocus(reader, focus, at);
  };

  #tellTree(mirror: TreeMirror, at: number): void {
    if (at - this.#textNoticedAt >= limits.inspectTextIntervalMs) {
      this.#textNoticedAt = at;
      mirror.noticeText();
    }
    const { changed, removed, events, waiting } = mirror.look();
    const frames: string[] = [];
    for (let from = 0; from === 0 || from < changed.length; from += limits.inspectFrameActorsMax) {
      if (changed.length === 0 && removed.length === 0) break;
      const actors = changed.slice(from, from + limits.inspectFrameActorsMax).join(',');
      const gone = JSON.stringify(from === 0 ? removed : []);
      const sampled = JSON.stringify({ events: from === 0 ? events : 0, sessionsWaiting: waiting });
      frames.push(
        inspectFrame(
          'inspect.changes',
          `{"at":${at},"actors":[${actors}],"removed":${gone},"sampled":${sampled}}`,
        ),
      );
    }
    for (const { tree } of this.#inspectors.values()) tree?.tell(frames, at);
  }

  #tellFocus(reader: InspectReader, focus: Focus, at: number): void {
    const { happenings, dropped } = focus.stream.take();
    focus.missed += dropped;
    if (happenings.length === 0 && dropped === 0) return;
    const { path } = focus;
    const events = happenings.map((one) => inspectEventOf(one, focus.told++, this.#emissions));
    const sessionId = sessionOfPath(path);
    const snapshot = sessionSnapshotOf(this.#live.find(rootPathOf(path)));
    const data: InspectEvents = {
      actorId: path,
      sessionId,
      at,
      events,
      dropped: focus.missed,
      actors: this.#actorsBelow(path).map((actor) => ({
        ...viewOf(actor, this.#live.notes),
        context: shownContext(contextOf(actor)),
      })),
      commands: sessionId === null || snapshot === undefined ? [] : operatorCommands(sessionId, snapshot),
    };
    const sent = reader.offer(inspectFrame('inspect.events', JSON.stringify(data)));
    focus.missed = sent ? 0 : focus.missed + events.length;
  }

  #actorsBelow(path: ActorPath) {
    const root = this.#live.find(rootPathOf(path));
    if (root === undefined) return [];
    return actorsFrom(root).filter((actor) => isAtOrBelow(pathOfActor(actor), path));
  }

  #unfocus(inspector: Inspector | undefined): void {
    inspector?.focus?.end();
    if (inspector !== undefined) inspector.focus = null;
  }

  /** Stops watching what no inspector needs. */
  #tidy(): void {
    for (const [reader, { tree, focus }] of this.#inspectors) {
      if (tree === null && focus === null) this.#inspectors.delete(reader);
    }
    if (this.#mirror !== null && ![...this.#inspectors.values()].some(({ tree }) => tree !== null)) {
      this.#mirror.stop();
      this.#mirror = null;
    }
    if (this.#inspectors.size > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = null;
  }
}

function rootPathOf(path: ActorPath): ActorPath {
  const end = path.indexOf('/');
  return end < 0 ? path : (path.slice(0, end) as ActorPath);
}
