/** The live view: the tree of all actors, and the log of the focused session. */
import { type Signal, signal } from '@preact/signals';
import type { ActorView } from '../../../../schema/actor-view.ts';
import type { OperatorCommand } from '../../../../schema/operator-command.ts';
import type { ConnectionState } from '../../../client/connection/connection.ts';
import type { Chart } from '../chart/chart.ts';
import { type LoggedEvent, logged } from '../log/event-log.ts';
import { KnownActors } from '../tree/known-actors.ts';
import type { InspectConnection, InspectFrame, OpenInspectConnection } from './inspect-connection.ts';

export type PresentOptions = {
  readonly charts: Signal<ReadonlyMap<string, Chart>>;
  readonly refused: (error: unknown) => void;
};

/** A new object at each change; the map inside may be the same one, modified. */
export type Shown = { readonly all: ReadonlyMap<string, ActorView> };

/** The greatest share of the time that drawing the tree may take. */
const busyShare = 0.15;

export class Present {
  readonly #options: PresentOptions;
  readonly #live = new KnownActors();
  #connection: InspectConnection | null = null;
  #focus: string | null = null;
  #isScheduled = false;
  #dueAt = 0;
  /** Log entries received since the log was last drawn. */
  #log: readonly LoggedEvent[] = [];
  #commands: readonly OperatorCommand[] = [];
  /** How much the server's clock is ahead of the browser's, ms. */
  #clockAhead = 0;

  readonly state = signal<ConnectionState>('connecting');
  readonly actors = signal<Shown>({ all: new Map() });
  readonly log = signal<readonly LoggedEvent[]>([]);
  readonly commands = signal<readonly OperatorCommand[]>([]);
  readonly isComplete = signal(false);
  readonly isPaused = signal(false);
  /** How many events the server left out of the log. */
  readonly dropped = signal(0);

  constructor(options: PresentOptions) {
    this.#options = options;
  }

  /** The server's present time. */
  now(): number {
    return Date.now() + this.#clockAhead;
  }

  connect(open: OpenInspectConnection): void {
    this.#connection?.close();
    const connection = open({ heard: (frame) => this.#heard(frame), refused: this.#options.refused });
    this.#connection = connection;
    this.state.value = connection.state.value;
    connection.state.subscribe((state) => {
      if (this.#connection === connection) this.state.value = state;
    });
    connection.focus(this.#focus);
  }

  /** Receives the events of that actor and all below it; the log begins anew. */
  focus(actorId: string | null): void {
    if (this.#focus === actorId) return;
    this.#focus = actorId;
    this.#live.focus(actorId);
    this.clear();
    this.#commands = [];
    this.commands.value = [];
    this.#connection?.focus(actorId);
    this.#schedule();
  }

  clear(): void {
    this.#log = [];
    this.log.value = [];
    this.dropped.value = 0;
  }

  togglePause(): void {
    this.isPaused.value = !this.isPaused.value;
    if (!this.isPaused.value) this.log.value = this.#log;
  }

  #heard(frame: InspectFrame): void {
    switch (frame.event) {
      case 'inspect.snapshot':
        this.#live.snapshot(frame.data);
        if (frame.data.last) this.isComplete.value = true;
        break;
      case 'inspect.changes':
        this.#live.changes(frame.data);
        break;
      case 'inspect.events':
        if (frame.data.actorId !== this.#focus) return;
        this.#live.focused(frame.data, this.#options.charts.value);
        this.#log = logged(this.#log, frame.data.events);
        this.#commands = frame.data.commands;
        this.dropped.value += frame.data.dropped;
        break;
    }
    this.#clockAhead = frame.data.at - Date.now();
    this.#schedule();
  }

  /** Draws once per screen frame, and less often when drawing takes long. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const wait = this.#dueAt - performance.now();
    if (wait > 16) setTimeout(() => requestAnimationFrame(() => this.#show()), wait - 16);
    else requestAnimationFrame(() => this.#show());
  }

  #show(): void {
    this.#isScheduled = false;
    const begun = performance.now();
    this.actors.value = { all: this.#live.shown(this.now(), this.#kept) };
    if (!this.isPaused.value) this.log.value = this.#log;
    this.commands.value = this.#commands;
    const took = performance.now() - begun;
    this.#dueAt = performance.now() + took / busyShare;
  }

  #kept: string | null = null;
  /** Keeps this actor visible after its end. */
  keep(actorId: string | null): void {
    this.#kept = actorId;
  }
}
