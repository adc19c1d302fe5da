/**
 * A stream whose format only the AI SDK reads: its events go to the SDK as they are, but for those that are no JSON, and
 * for everything behind its end. Of the format no more is known than how it says that it is over, or has failed.
 */
import type { EnginePart } from '../../../../actors/ports.ts';
import { eventObject, type Foreign, listOf, objectOf, textOf } from '../foreign-json.ts';
import type { StreamReader } from '../model-format.ts';
import { brokenOffError, streamError } from '../provider-error.ts';
import type { EventRepair } from './event-repair.ts';

type Phase = ReturnType<StreamReader['phase']>;

export class PlainRepair implements EventRepair {
  readonly #phaseAfter: (event: Foreign) => Phase;
  #phase: Phase = 'open';
  #failure: EnginePart | undefined;
  /** The last event that could say why there is no end. */
  #last: Foreign | undefined;

  constructor(phaseAfter: (event: Foreign) => Phase) {
    this.#phaseAfter = phaseAfter;
  }

  event(data: string): string {
    const given = this.phase() === 'over' ? undefined : eventObject(data);
    if (given === undefined) return '';
    this.#last = given;
    const failure = streamError(given) ?? streamError(objectOf(given['response']) ?? {});
    if (failure !== undefined) {
      if (this.#phase === 'open') this.#failure = failure;
      return '';
    }
    const after = this.#phaseAfter(given);
    // What was said stays said.
    if (after !== 'open') this.#phase = after;
    return `data: ${JSON.stringify(given)}\n\n`;
  }

  phase(): Phase {
    return this.#failure === undefined ? this.#phase : 'over';
  }

  end(): string {
    if (this.#phase === 'open') this.#failure ??= brokenOffError(this.#last);
    return '';
  }

  failure(): EnginePart | undefined {
    return this.#failure;
  }
}

/** The responses API of OpenAI: its last event has the whole response. */
export function responsesPhase({ type }: Foreign): Phase {
  return type === 'response.completed' || type === 'response.incomplete' ? 'over' : 'open';
}

/** Google: a candidate with a finish reason; a prompt that was blocked has no candidate. */
export function googlePhase(event: Foreign): Phase {
  const isBlocked = textOf(objectOf(event['promptFeedback'])?.['blockReason']) !== undefined;
  const candidates = listOf(event['candidates']).map((one) => objectOf(one) ?? {});
  const isDone = isBlocked || candidates.some((one) => textOf(one['finishReason']) !== undefined);
  return isDone ? 'settled' : 'open';
}
