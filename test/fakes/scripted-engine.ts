/** An engine whose model calls the test answers part by part. */
import type { Engine, EnginePart, EngineRequest } from '../../actors/ports.ts';

export type ScriptedCall = {
  readonly request: EngineRequest;
  readonly signal: AbortSignal;
  /** Gives a part to the actor; resolves when the actor asks for the next one, or stops asking. */
  readonly give: (part: EnginePart) => Promise<void>;
  /** Makes the stream throw. */
  readonly fail: (error: Error) => Promise<void>;
};

export type ScriptedEngine = Engine & {
  /** The next model call, when it is made. */
  readonly nextCall: () => Promise<ScriptedCall>;
};

export function scriptedEngine(): ScriptedEngine {
  const calls: ScriptedCall[] = [];
  const waiters: ((call: ScriptedCall) => void)[] = [];
  return {
    name: 'scripted',
    nextCall: () => {
      const call = calls.shift();
      return call === undefined ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve(call);
    },
    stream: (request, signal) => {
      let asked = Promise.withResolvers<void>();
      let given = Promise.withResolvers<EnginePart>();
      const call: ScriptedCall = {
        request,
        signal,
        give: (part) => answer(() => given.resolve(part)),
        fail: (error) => answer(() => given.reject(error)),
      };
      async function answer(deliver: () => void): Promise<void> {
        await asked.promise;
        asked = Promise.withResolvers();
        deliver();
        await asked.promise;
      }
      const waiter = waiters.shift();
      if (waiter === undefined) calls.push(call);
      else waiter(call);
      return {
        [Symbol.asyncIterator]: () => ({
          next: async () => {
            given = Promise.withResolvers();
            asked.resolve();
            const aborted = new Promise<null>((resolve) => {
              signal.addEventListener('abort', () => resolve(null), { once: true });
            });
            const part = await Promise.race([given.promise, aborted]).catch((error: unknown) => {
              asked.resolve();
              throw error;
            });
            return part === null ? { done: true, value: undefined } : { done: false, value: part };
          },
          return: async () => {
            asked.resolve();
            return { done: true, value: undefined };
          },
        }),
      };
    },
  };
}
