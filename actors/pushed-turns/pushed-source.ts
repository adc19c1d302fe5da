/**
 * Pushed source: stands where the engine actor stands, for a turn whose answer an agent pushes from outside (SPEC [PSH1]–[PSH15]).
 * It sends text straight to the turn's answer, and tells the turn only of beginnings, calls, results and ends.
 *
 * Everything that one push causes happens in one burst, so it is stored in one transaction: either a part is stored
 * with the number that says so, or neither is ([PSH5]).
 */
import type { AnyActorRef } from 'xstate';
import { isOpen, type SourceEvent, type SourceInput, type TurnContext } from '../../machines/turn-context.ts';
import { pushedCall } from '../../machines/turn-pushed-calls.ts';
import type { SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type {
  FailTurn,
  FinishTurn,
  PushedCallDecision,
  PushedPart,
  TurnProgress,
} from '../../schema/pushed-turn.ts';
import { accepted, type Outcome, type Refusal, refusal, refused, turnEnded } from '../../schema/refusal.ts';
import { storableText } from '../../schema/text.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { AnswerFeed } from '../model-calls/answer-feed.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Clock, Ids, Log } from '../ports.ts';
import { PushedText } from './pushed-text.ts';

export type PushedSourcePorts = {
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
};

type Feeding = (options: { readonly began: () => void; readonly checkpoint: () => void }) => AnswerFeed;

export class PushedSource {
  readonly turnId: TurnId;
  readonly sessionId: SessionId;
  readonly leaseMs: Milliseconds;
  readonly #ports: PushedSourcePorts;
  readonly #turn: AnyActorRef;
  readonly #tellTurn: (event: SourceEvent) => void;
  readonly #feed: AnswerFeed;
  #received: number;
  #durable: number;
  /** What the turn was told last: everything up to it is stored or being stored. */
  #told: number;
  readonly #text: PushedText;
  /** How much of the answer was stored when the turn was told last. */
  #stored = { units: 0, marks: 0 };
  #mustSave = false;
  #isResting = false;
  #isOver = false;
  #heardAt: Milliseconds;
  #cancelLease: () => void;
  readonly #whenOver = new Set<() => void>();

  constructor(
    ports: PushedSourcePorts,
    input: SourceInput,
    tellTurn: (event: SourceEvent) => void,
    feeding: Feeding,
  ) {
    const { turnId, sessionId, leaseMs, received, turn } = input;
    this.turnId = turnId;
    this.sessionId = sessionId;
    this.leaseMs = leaseMs;
    this.#ports = ports;
    this.#turn = turn;
    this.#tellTurn = tellTurn;
    [this.#received, this.#durable, this.#told] = [received, received, received];
    this.#feed = feeding({
      began: () => this.#tellTurn({ type: 'source.began', at: this.#now() }),
      checkpoint: () => this.#save(),
    });
    this.#text = new PushedText(this.#feed);
    this.#goOn();
    this.#heardAt = this.#now();
    this.#cancelLease = this.#watchLease(leaseMs);
  }

  /** When the turn ends if the agent stays silent. */
  get leaseExpiresAt(): Milliseconds {
    return this.#heardAt + this.leaseMs;
  }

  /**
   * Takes parts that are next; those that were received before have no effect. What is before a gap, or before a part
   * that is refused, is taken. The same push without effect must not keep a turn alive for ever: only one that is
   * accepted, or of which something was taken, renews the lease.
   */
  push(parts: readonly PushedPart[]): Outcome<TurnProgress> {
    const obstacle = this.#obstacle();
    if (obstacle !== null) return refused(obstacle);
    const before = this.#received;
    let reason: Refusal | null = null;
    for (const part of parts) {
      if (part.seq <= this.#received) continue;
      reason = part.seq === this.#received + 1 ? this.#take(part) : this.#gap(`part ${part.seq}`);
      if (reason !== null || this.#isOver) break;
    }
    if (this.#isOver) return refused(this.over());
    if (reason === null || this.#received > before) this.#heardAt = this.#now();
    this.#settle();
    return reason === null ? accepted(this.progress()) : refused(this.#withProgress(reason));
  }

  /** Whether its session is so far behind that a push waits. */
  isCongested(): boolean {
    return this.#ports.outbox.isCongested(this.sessionId);
  }

  /** The agent waits for the server: that is no silence. */
  waits(): void {
    this.#heardAt = this.#now();
  }

  /** Why a push has to come again. */
  busy(): Refusal {
    return this.#withProgress(refusal('turn_busy', 'The server is behind; push again'));
  }

  finish(end: FinishTurn): Refusal | null {
    const { finishReason = 'stop', usage, model } = end;
    return this.#end(end.seq, () => ({
      type: 'source.finished',
      at: this.#now(),
      finishReason,
      answerUnits: this.#ownUnits(),
      ...(usage === undefined ? {} : { usage }),
      ...(model === undefined ? {} : { model }),
    }));
  }

  fail({ seq, error }: FailTurn): Refusal | null {
    return this.#end(seq, () => ({ type: 'source.failed', at: this.#now(), error }));
  }

  /**
   * Somebody has cancelled the turn, and it waits for what was received, so that it is stored with the end. While it waits
   * no answer can begin, so half a character that nothing was said before is lost, and not counted.
   */
  cancelled(): void {
    const isAnswered = this.#feed.answerNow() !== undefined;
    if (isAnswered) this.#text.release();
    this.#tellReceived(isAnswered ? this.#received : this.#text.storableUpTo(this.#received));
    this.#tellTurn({ type: 'source.stopped', at: this.#now() });
  }

  progress(): TurnProgress {
    const { outcome, yields } = this.#context();
    const decisions = this.decisions();
    return {
      turnId: this.turnId,
      status: outcome ?? 'running',
      received: this.#received,
      durable: this.#durable,
      ...(decisions.length === 0 ? {} : { decisions }),
      ...(yields ? { steered: true as const } : {}),
    };
  }

  /** The calls that needed, or need, a person. */
  decisions(): PushedCallDecision[] {
    const { earlierCalls, calls, outcome } = this.#context();
    return [...earlierCalls, ...calls]
      .filter(({ needsApproval }) => needsApproval)
      .map(({ modelCallId, approval, status }): PushedCallDecision => {
        if (approval !== null) return { callId: modelCallId, ...approval };
        // A turn that has ended waits for nobody, though it has not heard how its last calls ended.
        const isPending = status === 'awaitingApproval' && outcome === null;
        return { callId: modelCallId, decision: isPending ? 'pending' : 'expired' };
      });
  }

  /** Why nothing more is taken, for an agent that comes too late. */
  over(): Refusal {
    const { outcome, reason } = this.#context();
    // Its actor has gone without it: the session wakes again.
    if (outcome === null)
      return this.#withProgress(refusal('unavailable', 'The turn cannot be reached; try again'));
    return this.#withProgress(turnEnded(this.turnId, outcome, reason));
  }

  /** Why nothing is taken now, or never more; `null`: it is. */
  closedBecause(): Refusal | null {
    return this.#obstacle();
  }

  /** Calls `run` when nothing more is taken; returns a function that forgets it. */
  onClosed(run: () => void): () => void {
    this.#whenOver.add(run);
    return () => this.#whenOver.delete(run);
  }

  /** The process ends: what was received is stored, and nothing more is taken. The turn goes on in the next process. */
  rest(): void {
    if (this.#isResting || this.#isOver) return;
    this.#isResting = true;
    this.#cancelLease();
    this.#save();
    this.#close();
  }

  /** The journal has everything up to this part. */
  committed(received: number): void {
    this.#durable = Math.max(this.#durable, received);
  }

  stop(): void {
    this.#isOver = true;
    this.#feed.stop();
    this.#cancelLease();
    this.#close();
  }

  #close(): void {
    for (const run of [...this.#whenOver]) run();
    this.#whenOver.clear();
  }

  #obstacle(): Refusal | null {
    if (this.#isOver) return this.over();
    if (!this.#isResting) return null;
    return this.#withProgress(
      refusal('shutting_down', 'The server is shutting down; go on with the next one'),
    );
  }

  /** The number of the next part, and the text of the answer, of a turn that goes on after a restart. */
  #goOn(): void {
    const restored = this.#feed.answerNow();
    if (restored === undefined) return;
    const { units, marks } = restored.checkpointed;
    this.#feed.goesOn(restored.text.pieces.slice(0, restored.text.count).join(''), restored.reasoning.units);
    this.#stored = { units, marks };
  }

  #take(part: PushedPart): Refusal | null {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        this.#text.turnTo(part.type);
        this.#beginStep();
        this.#received = part.seq;
        this.#text.say(part);
        if (this.#feed.isOverfull) {
          this.#failTurn(`The answer is longer than ${limits.answerUnitsMax} characters`);
        }
        return null;
      case 'tool-call':
        return this.#takeCall(part);
      case 'tool-result':
        return this.#takeResult(part);
      default:
        return unreachable(part);
    }
  }

  #takeCall(part: Extract<PushedPart, { type: 'tool-call' }>): Refusal | null {
    const context = this.#context();
    if (pushedCall(context, part.callId) !== undefined) {
      return refusal('bad_request', `Call ${part.callId} was made before`);
    }
    if (context.calls.length + context.earlierCalls.length >= limits.pushedCallsMax) {
      return refusal('bad_request', `A turn has at most ${limits.pushedCallsMax} tool calls`);
    }
    this.#text.release();
    this.#beginStep();
    this.#received = part.seq;
    this.#text.callComes();
    this.#mustSave = true;
    const { callId, name, arguments: argumentsJson, needsApproval, approvalTimeoutMs = null } = part;
    this.#tellTurn({
      type: 'source.toolCall',
      at: this.#now(),
      call: {
        id: this.#ports.ids.next<ToolCallId>(),
        modelCallId: callId,
        name,
        argumentsJson,
        ...(needsApproval ? { approval: { timeoutMs: approvalTimeoutMs } } : {}),
      },
    });
    return null;
  }

  /** The result of a call that has ended by itself has no effect. */
  #takeResult({ seq, callId, result, failed }: Extract<PushedPart, { type: 'tool-result' }>): Refusal | null {
    const call = pushedCall(this.#context(), callId);
    if (call === undefined) return refusal('bad_request', `There is no call ${callId}`);
    if (call.status === 'awaitingApproval') {
      return refusal('bad_request', `Call ${callId} waits for a person; it must not have a result yet`);
    }
    this.#text.release();
    this.#received = seq;
    if (call.status !== 'running') return null;
    this.#mustSave = true;
    this.#tellTurn({
      type: 'source.toolResult',
      at: this.#now(),
      callId: call.id,
      result: storableText(result),
      failed,
    });
    return null;
  }

  /** After the results of its calls an agent begins anew, as a model does with its next call. */
  #beginStep(): void {
    const { calls } = this.#context();
    if (calls.length === 0 || calls.some(isOpen)) return;
    this.#mustSave = true;
    this.#tellTurn({ type: 'source.step', at: this.#now(), answerUnits: this.#ownUnits() });
  }

  /** Length of what this turn has put into the answer, which another one may have begun; UTF-16 units. */
  #ownUnits(): number {
    const units = this.#feed.answerNow()?.text.units ?? 0;
    return Math.max(0, units - this.#context().continuesAt);
  }

  /** Whatever was stored since the turn was told last is stored with the number that says so. */
  #settle(): void {
    const { units, marks } = this.#feed.answerNow()?.checkpointed ?? this.#stored;
    if (this.#mustSave || units !== this.#stored.units || marks !== this.#stored.marks) this.#save();
  }

  #save(): void {
    if (this.#isOver) return;
    if (this.#feed.answerNow() !== undefined) this.#feed.checkpoint();
    this.#mustSave = false;
    this.#stored = this.#feed.answerNow()?.checkpointed ?? this.#stored;
    this.#tellReceived(this.#text.storableUpTo(this.#received));
  }

  #tellReceived(received: number): void {
    if (received <= this.#told) return;
    this.#told = received;
    this.#tellTurn({ type: 'source.received', at: this.#now(), received });
  }

  #end(lastSeq: number | undefined, event: () => SourceEvent): Refusal | null {
    const obstacle = this.#obstacle();
    if (obstacle !== null) return obstacle;
    if (lastSeq !== undefined && lastSeq > this.#received) return this.#withProgress(this.#gap('the end'));
    if (lastSeq !== undefined && lastSeq < this.#received) {
      const reason = `Part ${lastSeq} is not the last: part ${this.#received} was received`;
      return this.#withProgress(refusal('bad_request', reason));
    }
    this.#text.release();
    // The end stores everything.
    this.#tellReceived(this.#received);
    this.#tellTurn(event());
    return null;
  }

  #failTurn(error: string): void {
    this.#tellReceived(this.#received);
    this.#tellTurn({ type: 'source.failed', at: this.#now(), error });
  }

  #watchLease(wait: Milliseconds): () => void {
    return this.#ports.clock.after(wait, () => {
      const left = this.leaseExpiresAt - this.#now();
      if (left > 0) {
        this.#cancelLease = this.#watchLease(left);
        return;
      }
      this.#ports.log.warn('An agent was silent for longer than its lease', {
        sessionId: this.sessionId,
        turnId: this.turnId,
        leaseMs: this.leaseMs,
      });
      this.#text.release();
      this.#tellReceived(this.#received);
      this.#tellTurn({ type: 'source.expired', at: this.#now() });
    });
  }

  /** The one conflict of a turn that runs: the agent pushes again from there, and goes on. */
  #gap(before: string): Refusal {
    return refusal('conflict', `Part ${this.#received + 1} is missing before ${before}`);
  }

  #withProgress(reason: Refusal): Refusal {
    return { ...reason, turn: this.progress() };
  }

  #context(): TurnContext {
    return this.#turn.getSnapshot().context;
  }

  #now(): Milliseconds {
    return this.#ports.clock.now();
  }
}
