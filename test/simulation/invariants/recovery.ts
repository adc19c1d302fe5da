/**
 * I11. Models are called and tools are run once, and only after the journal has the event; a repeated model call is a
 * new attempt in the journal, and the model had produced nothing before; a tool that needs approval runs only with
 * it. Everything under way when a process died ends. At rest, every reader has the same state as the read model.
 */
import { isBlank } from '../../../schema/text.ts';
import type { TurnIdentity } from '../../../schema/turn-record.ts';
import { type Fact, type FactOf, nameOfMessage } from '../facts.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import { Mirror } from '../mirror.ts';
import type { Reader } from '../reader.ts';
import type { Truth } from '../truth.ts';

const holds: Holds = holdsOf('I11');

export const recovery: Invariant = {
  name: 'I11',
  says: 'After a crash every turn ends, text is kept, no tool runs twice, and clients converge to the read model.',
  watch: (_history, truth) => {
    const turns = new Turns(truth);
    const mirrors = new Map<Reader, Mirror>();
    return {
      hear: (fact) => {
        turns.hear(fact);
        if (fact.kind === 'connected' && fact.reader.kind !== 'live') {
          const mirror = mirrors.get(fact.reader) ?? new Mirror(fact.reader, truth.tables);
          mirrors.set(fact.reader, mirror);
          if (fact.reader.kind === 'baseline') mirror.read();
        }
        if (fact.kind === 'received') mirrors.get(fact.reader)?.take(fact.frame);
      },
      rest: () => {
        turns.rest();
        for (const [reader, mirror] of mirrors) {
          const difference = mirror.difference();
          holds(difference === undefined, () => `${reader.name} does not converge: ${difference}`);
        }
      },
    };
  },
};

class Turns {
  readonly #truth: Truth;
  readonly #open = new Map<string, TurnIdentity>();
  readonly #ended = new Set<string>();
  /** The turn that began last for a question. */
  readonly #started = new Map<string, string>();
  /** The newest attempt in the journal, and the last one that was made, by `turn step`. */
  readonly #attempts = new Map<string, number>();
  readonly #called = new Map<string, number>();
  /** The text that the model produced in a step. */
  readonly #said = new Map<string, string>();
  /** Calls in the journal; `false`: the journal does not say that they run. */
  readonly #calls = new Map<string, boolean>();
  readonly #ran = new Set<string>();
  /** Calls that a person approved. */
  readonly #approved = new Set<string>();
  /** Turns that waited for a person when a process died, and about which nobody has decided since. */
  readonly #waited = new Map<string, string>();
  /** Other turns that were running when a process died. */
  #cutOff = new Set<string>();

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  hear(fact: Fact): void {
    switch (fact.kind) {
      case 'committed':
        this.#committed(fact);
        return;
      case 'modelCalled': {
        const call = this.#callOf(fact);
        const attempt = this.#attempts.get(call);
        holds(
          attempt !== undefined,
          () => `the model was called for ${call}, which the journal did not know of`,
        );
        holds((this.#called.get(call) ?? 0) < attempt, () => `the model was called twice for ${call}`);
        // Half a character is not a piece yet, and white space does not begin an answer ([MDL12]).
        const said = this.#said.get(call) ?? '';
        const isHalf = said.length === 1 && !said.isWellFormed();
        holds(isHalf || isBlank(said), () => `"${said}" was said before`);
        this.#said.delete(call);
        this.#called.set(call, attempt);
        return;
      }
      case 'modelSaid':
        this.#said.set(this.#callOf(fact), (this.#said.get(this.#callOf(fact)) ?? '') + fact.text);
        return;
      case 'toolRan':
        holds(this.#calls.has(fact.callId), () => 'a tool ran that the journal did not know of');
        holds(
          this.#calls.get(fact.callId) === true,
          () => `a tool ran that waits for a person: ${fact.callId}`,
        );
        holds(
          !fact.needsPerson || this.#approved.has(fact.callId),
          () => `a tool ran that nobody approved: ${fact.callId}`,
        );
        holds(!this.#ran.has(fact.callId), () => `a tool ran twice: ${fact.callId}`);
        this.#ran.add(fact.callId);
        return;
      case 'rejected':
        // The session's actors are replaced: its turn is given up.
        for (const [turnId, session] of this.#waited) if (session === fact.lane) this.#waited.delete(turnId);
        return;
      case 'died':
        for (const session of this.#truth.tables.sessionsWithOpenTurns()) {
          for (const { turnId, status, step, pushed } of this.#truth.tables.openTurns(session)) {
            // Its agent has not died with the process.
            if (pushed !== undefined) continue;
            // A turn that waits for a person goes on waiting.
            const waits = this.#truth.tables
              .toolCalls(turnId)
              .some((call) => call.status === 'awaitingApproval');
            if (waits) this.#waited.set(turnId, session);
            if (status === 'running' && step > 0 && !waits) this.#cutOff.add(turnId);
          }
        }
        return;
      default:
        return;
    }
  }

  #callOf({ sessionId, promptId, step }: FactOf<'modelCalled' | 'modelSaid'>): string {
    return `${this.#started.get(nameOfMessage(sessionId, promptId))} ${step}`;
  }

  rest(): void {
    for (const { turnId, sessionId } of this.#open.values()) {
      holds(false, () => `turn ${turnId} of session ${sessionId} never ended`);
    }
  }

  #committed({ event }: FactOf<'committed'>): void {
    switch (event.type) {
      case 'turn.queued':
        this.#open.set(event.data.turnId, event.data);
        return;
      case 'turn.started': {
        const { turnId } = event.data;
        const turn = this.#open.get(turnId);
        if (turn !== undefined) this.#started.set(nameOfMessage(turn.sessionId, turn.promptId), turnId);
        return;
      }
      case 'turn.step.started':
        this.#attempts.set(`${event.data.turnId} ${event.data.step}`, event.data.attempt ?? 1);
        return;
      case 'tool.call':
        this.#calls.set(event.data.id, event.data.status === 'running');
        if (event.data.approval?.decision === 'approved') this.#approved.add(event.data.id);
        if (event.data.approval !== undefined) this.#waited.delete(event.record.turnId);
        return;
      case 'tool.result':
        if (event.data.approval !== undefined) this.#waited.delete(event.record.turnId);
        return;
      case 'turn.ended': {
        const { turnId, outcome } = event.data;
        holds(
          outcome !== 'interrupted' || !this.#waited.has(turnId),
          () => `turn ${turnId} waited for a person over a restart, and was interrupted`,
        );
        holds(!this.#ended.has(turnId), () => `turn ${turnId} ended twice`);
        holds(this.#open.delete(turnId), () => `turn ${turnId} ended before it was queued`);
        const isFair = !this.#cutOff.has(turnId) || outcome === 'interrupted';
        holds(isFair, () => `turn ${turnId} was cut off by a crash and ended as ${outcome}`);
        this.#ended.add(turnId);
        return;
      }
      default:
        return;
    }
  }
}
