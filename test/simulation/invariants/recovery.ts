/**
 * I11. Models are called and tools are run once, and only when the journal knows of it. Whatever was under way when a
 * process died ends; and when all has come to rest, every reader has what the read model has.
 */
import type { TurnIdentity } from '../../../schema/turn-record.ts';
import type { Fact, FactOf } from '../facts.ts';
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
  /** `turn step` of the model calls that the journal knows of, and of those that were made. */
  readonly #steps = new Set<string>();
  readonly #called = new Set<string>();
  readonly #calls = new Set<string>();
  readonly #ran = new Set<string>();
  /** Turns that were in the middle of something when a process died. */
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
        const turn = [...this.#open.values()].find(({ promptId }) => promptId === fact.promptId);
        const call = `${turn?.turnId} ${fact.step}`;
        holds(
          this.#steps.has(call),
          () => `the model was called for ${call}, which the journal did not know of`,
        );
        holds(!this.#called.has(call), () => `the model was called twice for ${call}`);
        this.#called.add(call);
        return;
      }
      case 'toolRan':
        holds(this.#calls.has(fact.callId), () => 'a tool ran that the journal did not know of');
        holds(!this.#ran.has(fact.callId), () => `a tool ran twice: ${fact.callId}`);
        this.#ran.add(fact.callId);
        return;
      case 'died':
        for (const session of this.#truth.tables.sessionsWithOpenTurns()) {
          for (const { turnId, status, step } of this.#truth.tables.openTurns(session)) {
            if (status === 'running' && step > 0) this.#cutOff.add(turnId);
          }
        }
        return;
      default:
        return;
    }
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
      case 'turn.step.started':
        this.#steps.add(`${event.data.turnId} ${event.data.step}`);
        return;
      case 'tool.call':
        this.#calls.add(event.data.id);
        return;
      case 'turn.ended': {
        const { turnId, outcome } = event.data;
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
