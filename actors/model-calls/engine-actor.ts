/**
 * Engine actor: one model call of a turn. It reads the history, makes the call, sends text straight to the turn's
 * answer, and tells the turn only its beginning and its end.
 *
 * Stopping the actor aborts the call. Every failure of a call becomes one `engine.failed`.
 */
import { type ActorRefFrom, fromCallback } from 'xstate';
import type { AnswerContext, answerLogic } from '../../machines/answer.ts';
import { emptyText, joined } from '../../machines/growing-text.ts';
import { answerSystemId } from '../../machines/turn-actions.ts';
import type { AskedCall, EngineEnd, EngineInput, TurnEvent } from '../../machines/turn-context.ts';
import type { SessionId, ToolCallId } from '../../schema/ids.ts';
import type { JsonValue } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { noUsage } from '../../schema/model-usage.ts';
import { storableText } from '../../schema/text.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { HeardEvent } from '../causes/cause.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import type { SessionCauses } from '../causes/session-causes.ts';
import type { Engine, EnginePart, EngineRequest, Ids, Random } from '../ports.ts';
import { validArguments } from '../tool-calls/argument-validation.ts';
import { CheckpointPace } from './checkpoint-pace.ts';
import { type EngineRequestPorts, readEngineRequest } from './engine-request.ts';
import { PieceText } from './piece-text.ts';
import { watchSilence } from './silence-watch.ts';

export type EngineActorPorts = EngineRequestPorts & {
  readonly engine: Engine;
  readonly causes: CauseLedger;
  readonly ids: Ids;
  readonly random: Random;
  /** Silence after which a model call counts as dead. */
  readonly silenceMsMax: Milliseconds;
};

export function engineActor(ports: EngineActorPorts) {
  const pace = new CheckpointPace();
  return fromCallback<TurnEvent, EngineInput>(({ input, sendBack, system }) => {
    const abort = new AbortController();
    let actor: ActorRefFrom<typeof answerLogic> | undefined;
    // Looked up once: the answer outlives this call.
    const answer = (): ActorRefFrom<typeof answerLogic> | undefined => {
      actor ??= system.get(answerSystemId);
      return actor;
    };
    const causes = ports.causes.of(input.sessionId);
    const tell = (event: EngineSaid): void => {
      // XState would not pass it on.
      if (abort.signal.aborted) return;
      causes.heard('turn', event);
      sendBack(event);
    };
    const call = new ModelCall(ports, input, { tellTurn: tell, answer, causes }, abort.signal, pace);
    const ended = pace.begin();
    void call.run();
    return () => {
      abort.abort();
      call.stop();
      ended();
    };
  });
}

type EngineSaid = Extract<HeardEvent, { type: `engine.${string}` }>;

/** Whom a model call tells what, and who notes it. */
type Listeners = {
  readonly tellTurn: (event: EngineSaid) => void;
  readonly answer: () => ActorRefFrom<typeof answerLogic> | undefined;
  readonly causes: SessionCauses;
};

class ModelCall {
  readonly #ports: EngineActorPorts;
  readonly #input: EngineInput;
  readonly #tellTurn: (event: EngineSaid) => void;
  readonly #answer: () => ActorRefFrom<typeof answerLogic> | undefined;
  readonly #causes: SessionCauses;
  readonly #signal: AbortSignal;
  readonly #pace: CheckpointPace;
  readonly #text = new PieceText();
  readonly #reasoning = new PieceText();
  #began = false;
  #units = 0;
  #calls = 0;
  /** How many pauses the actor itself made: the engine is not to blame for that silence. */
  #pauses = 0;
  /** True when a call of this step needs a person's approval. */
  #needsPerson = false;
  #cancelCheckpoint: (() => void) | null = null;

  constructor(
    ports: EngineActorPorts,
    input: EngineInput,
    listeners: Listeners,
    signal: AbortSignal,
    pace: CheckpointPace,
  ) {
    this.#ports = ports;
    this.#input = input;
    this.#tellTurn = listeners.tellTurn;
    this.#answer = listeners.answer;
    this.#causes = listeners.causes;
    this.#signal = signal;
    this.#pace = pace;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const text = this.#input.steps.length === 0 ? '' : joined(this.#answerNow()?.text ?? emptyText);
      const request = await readEngineRequest(this.#ports, this.#input, text, this.#signal);
      if (this.#signal.aborted) return;
      this.#tellTurn({ type: 'engine.starting', at: this.#now() });
      await this.#ports.outbox.settled(this.#input.sessionId);
      if (this.#signal.aborted) return;
      await this.#stream(request);
    } catch (cause) {
      if (this.#signal.aborted) return;
      this.#fail({ message: cause instanceof Error ? cause.message : String(cause) }, cause);
    }
  }

  stop(): void {
    this.#cancelCheckpoint?.();
  }

  async #stream(request: EngineRequest): Promise<void> {
    const { sessionId } = this.#input;
    const { engine, clock, outbox, silenceMsMax } = this.#ports;
    const silence = new AbortController();
    const stopWatching = watchSilence(
      clock,
      silenceMsMax,
      () => this.#units + this.#calls + this.#pauses,
      () => {
        if (this.#signal.aborted) return;
        silence.abort();
        this.#fail({ message: `silent for ${silenceMsMax} ms`, code: 'timeout' });
      },
    );
    const signal = AbortSignal.any([this.#signal, silence.signal]);
    try {
      for await (const part of engine.stream(request, signal)) {
        if (signal.aborted) return;
        if (this.#take(part)) return;
        if (outbox.isCongested(sessionId)) await this.#uncongested(sessionId);
      }
    } catch (cause) {
      if (!silence.signal.aborted) throw cause;
    } finally {
      stopWatching();
    }
    if (!signal.aborted) this.#fail({ message: 'The engine stopped without finishing' });
  }

  /** Handles one part. Returns true when it was the last. */
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
          this.#fail({ message: 'The engine asked for a tool call that is too large' });
          return true;
        }
        this.#calls++;
        this.#tellTurn({ type: 'engine.toolCall', at: this.#now(), call: this.#askedCall(part) });
        return this.#signal.aborted;
      case 'finish':
        this.#sendReasoning(this.#reasoning.rest());
        this.#sendText(this.#text.rest());
        this.#tellTurn({ type: 'engine.finished', at: this.#now(), ...this.#end(part) });
        return true;
      case 'error':
        this.#fail(part);
        return true;
      default:
        return unreachable(part);
    }
  }

  #sendText(text: string): void {
    if (text === '') return;
    this.#begin(text);
    const at = this.#now();
    this.#causes.piece('text', text.length, at);
    this.#answer()?.send({ type: 'answer.text', text, at });
    this.#cancelCheckpoint ??= this.#ports.clock.after(this.#pace.intervalMs, () => this.#checkpoint());
  }

  #sendReasoning(text: string): void {
    if (text === '') return;
    this.#begin(text);
    const at = this.#now();
    this.#causes.piece('reasoning', text.length, at);
    this.#answer()?.send({ type: 'answer.reasoning', text, at });
  }

  #checkpoint(): void {
    this.#cancelCheckpoint = null;
    const event = { type: 'answer.checkpoint' as const, at: this.#now() };
    this.#causes.heard('answer', event);
    this.#answer()?.send(event);
  }

  #begin(text: string): void {
    this.#units += text.length;
    if (this.#began) return;
    this.#began = true;
    this.#tellTurn({ type: 'engine.began', at: this.#now() });
  }

  #isTooLong(): boolean {
    if (this.#units <= limits.answerUnitsMax) return false;
    this.#fail({ message: `The answer is longer than ${limits.answerUnitsMax} characters` });
    return true;
  }

  #askedCall(part: Extract<EnginePart, { type: 'tool-call' }>): AskedCall {
    const { modelCallId, name, argumentsJson } = part;
    const tool = this.#ports.tools.find(name);
    // A call with invalid arguments will be refused, so no person is asked about it.
    const needsPerson =
      tool?.requiresApproval === true && validArguments(tool, argumentsJson, this.#ports.log).ok;
    if (needsPerson) this.#needsPerson = true;
    return {
      id: this.#ports.ids.next<ToolCallId>(),
      modelCallId,
      name,
      argumentsJson,
      ...(needsPerson ? { approval: { timeoutMs: tool.approvalTimeoutMs ?? null } } : {}),
    };
  }

  #end(part: Extract<EnginePart, { type: 'finish' }>): EngineEnd {
    const answer = this.#answerNow();
    return {
      finishReason: part.reason ?? 'other',
      usage: part.usage ?? noUsage,
      model: part.model === undefined ? undefined : storableText(part.model),
      continuation: this.#continuation(part.continuation),
      answerUnits: answer?.text.units ?? 0,
      reasoning:
        this.#needsPerson && answer !== undefined
          ? { text: joined(answer.reasoning), open: answer.reasoningOpen }
          : undefined,
    };
  }

  #continuation(value: JsonValue | undefined): JsonValue | undefined {
    if (value === undefined) return undefined;
    const units = JSON.stringify(value).length;
    if (units <= limits.continuationUnitsMax) return value;
    this.#ports.log.warn('What the engine wants back is too long and was dropped', { units });
    return undefined;
  }

  #answerNow(): AnswerContext | undefined {
    return this.#answer()?.getSnapshot().context;
  }

  #fail(error: Omit<Extract<EnginePart, { type: 'error' }>, 'type'>, cause?: unknown): void {
    const { sessionId, step, attempt } = this.#input;
    const { message, code = 'unknown', retryAfterMs } = error;
    this.#ports.log.error('Model call failed', {
      sessionId,
      step,
      attempt,
      code,
      error: message,
      ...(cause === undefined ? {} : { cause }),
    });
    const jitter = this.#ports.random();
    this.#tellTurn({ type: 'engine.failed', at: this.#now(), error: message, code, retryAfterMs, jitter });
  }

  async #uncongested(sessionId: SessionId): Promise<void> {
    while (!this.#signal.aborted && this.#ports.outbox.isCongested(sessionId)) {
      this.#pauses++;
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
