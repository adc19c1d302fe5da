/** A tool that records each run outside of the database, so that a second run is noticed. */
import { appendFileSync, readFileSync } from 'node:fs';
import type { Clock } from '../../actors/ports.ts';
import type { Tool } from '../../actors/tool-ports.ts';
import { accepted } from '../../schema/refusal.ts';

/** Slow on purpose, so that a kill can hit it in the middle. */
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

/** The recorded runs. */
export function probeRuns(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
