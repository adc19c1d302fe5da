/** A tool that leaves a trace outside the database each time it runs, so that running twice is noticed. */
import { appendFileSync, readFileSync } from 'node:fs';
import type { Clock, Tool } from '../../actors/ports.ts';
import { accepted } from '../../schema/refusal.ts';

/** Takes a while on purpose: a kill must be able to hit it in the middle. */
export function probeTool(file: string, clock: Clock): Tool {
  return {
    name: 'probe',
    description: 'Writes its arguments to a file.',
    inputSchema: { type: 'object' },
    requiresApproval: false,
    repeatable: false,
    timeoutMs: 10_000,
    run: async (input, { signal, callId }) => {
      appendFileSync(file, `${callId} ${JSON.stringify(input)}\n`);
      await new Promise<void>((resolve) => {
        const cancel = clock.after(3, resolve);
        signal.addEventListener('abort', () => {
          cancel();
          resolve();
        });
      });
      return accepted('probed');
    },
  };
}

/** What ran, one entry per run. */
export function probeRuns(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
