/**
 * The request of a run's message to the bench engine, as JSON in its content, so that no system needs to know about
 * it.
 */
import { z } from 'zod';

export const promptSchema = z.object({
  seed: z.number(),
  session: z.number().int(),
  answer: z.number().int(),
  tokens: z.number().int(),
  pieceCharacters: z.number().int(),
  /** Milliseconds between tokens; 0: as fast as possible, one token per turn of the event loop. */
  intervalMs: z.number(),
  /** When the first token is due, on the machine's monotonic clock; 0: at once. */
  startAtMs: z.number(),
});
export type Prompt = z.infer<typeof promptSchema>;

export function promptOf(content: string): Prompt {
  return promptSchema.parse(JSON.parse(content));
}

/** Names an answer of a run. */
export function emissionKey({ session, answer }: Pick<Prompt, 'session' | 'answer'>): string {
  return `${session}:${answer}`;
}
