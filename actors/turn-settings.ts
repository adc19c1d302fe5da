/** Turn settings: what decides how turns are answered, and may be replaced while the process lives. */
import type { AnyActorRef } from 'xstate';
import type { ModelOptions } from '../schema/model-options.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { Engine } from './ports.ts';
import type { ToolBox } from './tool-ports.ts';

export type TurnSettings = {
  readonly engine: Engine;
  readonly tools: ToolBox;
  /** The server's options; those of session and message override them. */
  readonly modelOptions: ModelOptions;
  /** `<provider>/<model>` that names sessions; absent: the model that gave the answer. */
  readonly titleModel: string | undefined;
  /** Silence after which a model call counts as dead. */
  readonly silenceMsMax: Milliseconds;
  /** How long one model call may take as a whole. */
  readonly callMsMax: Milliseconds;
};

/** A turn keeps the settings with which its first model call began (SPEC [EDT16]). */
export class KeptTurnSettings {
  #current: TurnSettings;
  readonly #ofTurns = new WeakMap<AnyActorRef, TurnSettings>();

  constructor(settings: TurnSettings) {
    this.#current = settings;
  }

  /** What a turn that begins now gets. */
  get current(): TurnSettings {
    return this.#current;
  }

  replace(settings: TurnSettings): void {
    this.#current = settings;
  }

  /** Without a turn: those in force. */
  of(turn: AnyActorRef | undefined): TurnSettings {
    const kept = turn && this.#ofTurns.get(turn);
    if (kept !== undefined) return kept;
    if (turn !== undefined) this.#ofTurns.set(turn, this.#current);
    return this.#current;
  }
}
