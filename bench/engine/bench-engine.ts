/**
 * The engine of every system: the same tokens at the same moments, with a record of when each was due. It implements
 * Callboard's port; peers iterate over it in the same way.
 *
 * With a pace, a token counts as emitted when it was *due*, not when this process got round to it: a real model is
 * another machine and does not wait for a busy server, so a stalled event loop must show as latency. As fast as
 * possible, there is one token per turn of the event loop, because each would come from a socket.
 */
import type { Engine, EnginePart, EngineRequest } from '../../actors/ports.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { answerTokens } from '../text/answer-text.ts';
import { emissionKey, type Prompt, promptOf } from './prompt.ts';
import { TokenTimer } from './token-timer.ts';

export type BenchEngine = Omit<Engine, 'stream'> & {
  /** Part by part. */
  readonly stream: (request: EngineRequest, signal: AbortSignal) => AsyncIterable<EnginePart>;
  /** Builds the answer's text before the clock runs. */
  readonly prepare: (prompt: Prompt) => void;
  /** Returns when each token was emitted, ms of the monotonic clock, by `emissionKey`, and clears the record. */
  readonly takeEmissions: () => ReadonlyMap<string, Float64Array>;
};

export function createBenchEngine(): BenchEngine {
  const timer = new TokenTimer();
  const texts = new Map<string, readonly string[]>();
  let emissions = new Map<string, Float64Array>();

  const textOf = (prompt: Prompt): readonly string[] => {
    const key = JSON.stringify(prompt);
    const prepared = texts.get(key);
    texts.delete(key);
    return prepared ?? answerTokens(prompt);
  };

  async function* stream(content: string, signal: AbortSignal): AsyncGenerator<EnginePart, void, void> {
    const prompt = promptOf(content);
    const tokens = textOf(prompt);
    const emitted = new Float64Array(tokens.length);
    emissions.set(emissionKey(prompt), emitted);
    const { intervalMs } = prompt;
    const startMs = prompt.startAtMs === 0 ? monotonicMs() : prompt.startAtMs;
    for (const [index, text] of tokens.entries()) {
      if (intervalMs > 0) {
        const dueMs = startMs + index * intervalMs;
        if (dueMs > monotonicMs()) await new Promise<void>((resolve) => timer.at(dueMs, resolve));
        emitted[index] = dueMs;
      } else {
        await new Promise<void>((resolve) => setImmediate(resolve));
        emitted[index] = monotonicMs();
      }
      if (signal.aborted) return;
      yield { type: 'text', text };
    }
    yield { type: 'finish' };
  }

  return {
    name: 'bench',
    stream: (request, signal) => stream(request.prompt.content, signal),
    prepare: (prompt) => texts.set(JSON.stringify(prompt), answerTokens(prompt)),
    takeEmissions: () => {
      const taken = emissions;
      emissions = new Map();
      return taken;
    },
  };
}
