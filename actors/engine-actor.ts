/**
 * Engine actor: one model call of a turn. It reads the history, makes the call, sends text straight to the
 * turn's answer and tells the turn of its beginning and end only.
 *
 * Stopping the actor aborts the call. Every way a call can end badly becomes one `engine.failed`.
 */
import { type AnyActorRef, fromCallback } from 'xstate';
import type { AnswerEvent } from '../machines/answer.ts';
import { answerSystemId } from '../machines/turn-actions.ts';
import type { EngineInput, TurnEvent } from '../machines/turn-context.ts';
import type { SessionId, ToolCallId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { unreachable } from '../schema/unreachable.ts';
import { type EngineRequestPorts, readEngineRequest } from './engine-request.ts';
import { PieceText } from './piece-text.ts';
import type { Engine, EnginePart, EngineRequest, Ids, Log } from './ports.ts';

export type EngineActorPorts = EngineRequestPorts & {
  readonly engine: Engine;
  readonly ids: Ids;
  readonly log: Log;
};

export function engineActor(ports: EngineActorPorts) {
  return fromCallback<TurnEvent, EngineInput>(({ input, sendBack, system }) => {
    const abort = new AbortController();
    const answer = (event: AnswerEvent): void => {
      const actor: AnyActorRef | undefined = system.get(answerSystemId);
      actor?.send(event);
    };
    const call = new ModelCall(ports, input, sendBack, answer, abort.signal);
    void call.run();
    return () => {
      abort.abort();
      call.stop();
    };
  });
}

class ModelCall {
  readonly #ports: EngineActorPorts;
  readonly #input: EngineInput;
  readonly #tellTurn: (event: TurnEvent) => void;
  readonly #tellAnswer: (event: AnswerEvent) => void;
  readonly #signal: AbortSignal;
  readonly #text = new PieceText();
  readonly #reasoning = new PieceText();
  #began = false;
  #units = 0;
  #cancelCheckpoint: (() => void) | null = null;

  constructor(
    ports: EngineActorPorts,
    input: EngineInput,
    tellTurn: (event: TurnEvent) => void,
    tellAnswer: (event: AnswerEvent) => void,
    signal: AbortSignal,
  ) {
    this.#ports = ports;
    this.#input = input;
    this.#tellTurn = tellTurn;
    this.#tellAnswer = tellAnswer;
    this.#signal = signal;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const request = await readEngineRequest(this.#ports, this.#input, this.#signal);
      if (this.#signal.aborted) return;
      this.#tellTurn({ type: 'engine.starting', at: this.#now() });
      await this.#ports.outbox.settled(this.#input.sessionId);
      if (this.#signal.aborted) return;
      await this.#stream(request);
    } catch (cause) {
      if (this.#signal.aborted) return;
      this.#fail(cause instanceof Error ? cause.message : String(cause), cause);
    }
  }

  stop(): void {
    this.#cancelCheckpoint?.();
  }

  async #stream(request: EngineRequest): Promise<void> {
    const { sessionId } = this.#input;
    for await (const part of this.#ports.engine.stream(request, this.#signal)) {
      if (this.#signal.aborted) return;
      if (this.#take(part)) return;
      if (this.#ports.outbox.isCongested(sessionId)) await this.#uncongested(sessionId);
    }
    if (!this.#signal.aborted) this.#fail('The engine stopped without finishing', undefined);
  }

  /** Hands one part on. True when it was the last. */
  #take(part: EnginePart): boolean {
    switch (part.type) {
      case 'text':
        this.#sendText(this.#text.next(part.text));
        return this.#isTooLong();
      case 'reasoning':
        this.#sendReasoning(this.#reasoning.next(part.text));
        return this.#isTooLong();
      case 'tool-call':
        if (isOversize(part)) {
          this.#fail('The engine asked for a tool call that is too large', undefined);
          return true;
        }
        this.#tellTurn({
          type: 'engine.toolCall',
          at: this.#now(),
          call: {
            id: this.#ports.ids.next<ToolCallId>(),
            modelCallId: part.modelCallId,
            name: part.name,
            argumentsJson: part.argumentsJson,
          },
        });
        return this.#signal.aborted;
      case 'finish':
        this.#sendReasoning(this.#reasoning.rest());
        this.#sendText(this.#text.rest());
        this.#tellTurn({ type: 'engine.finished', at: this.#now() });
        return true;
      case 'error':
        this.#fail(part.message, undefined);
        return true;
      default:
        return unreachable(part);
    }
  }

  #sendText(text: string): void {
    if (text === '') return;
    this.#begin(text);
    this.#tellAnswer({ type: 'answer.text', text, at: this.#now() });
    this.#cancelCheckpoint ??= this.#ports.clock.after(limits.checkpointIntervalMs, () => {
      this.#cancelCheckpoint = null;
      this.#tellAnswer({ type: 'answer.checkpoint', at: this.#now() });
    });
  }

  #sendReasoning(text: string): void {
    if (text === '') return;
    this.#begin(text);
    this.#tellAnswer({ type: 'answer.reasoning', text, at: this.#now() });
  }

  #begin(text: string): void {
    this.#units += text.length;
    if (this.#began) return;
    this.#began = true;
    this.#tellTurn({ type: 'engine.began', at: this.#now() });
  }

  #isTooLong(): boolean {
    if (this.#units <= limits.answerUnitsMax) return false;
    this.#fail(`The answer is longer than ${limits.answerUnitsMax} characters`, undefined);
    return true;
  }

  #fail(error: string, cause: unknown): void {
    const { sessionId, step } = this.#input;
    this.#ports.log.error('Model call failed', {
      sessionId,
      step,
      error,
      ...(cause === undefined ? {} : { cause }),
    });
    this.#tellTurn({ type: 'engine.failed', at: this.#now(), error });
  }

  async #uncongested(sessionId: SessionId): Promise<void> {
    while (!this.#signal.aborted && this.#ports.outbox.isCongested(sessionId)) {
      await new Promise<void>((resolve) => {
        this.#ports.clock.after(limits.congestionPollMs, resolve);
      });
    }
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}

function isOversize(call: Extract<EnginePart, { type: 'tool-call' }>): boolean {
  return (
    call.argumentsJson.length > limits.toolArgumentsUnitsMax ||
    call.name.length > limits.toolLabelUnitsMax ||
    call.modelCallId.length > limits.toolLabelUnitsMax
  );
}
