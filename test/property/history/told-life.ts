/** Compares what a model is given with what is remembered. */
import { estimatedTokens } from '../../../actors/model-calls/token-estimate.ts';
import type { EngineRequest } from '../../../actors/ports.ts';
import { type RememberedMessage, toldLines, toldUpTo } from './remembered-life.ts';

/** Throws when they differ. Returns whether something was left out for want of room. */
export function compare(
  { conversation, prompt }: EngineRequest,
  messages: readonly RememberedMessage[],
  contextTokensMax: number,
): boolean {
  const told = toldUpTo(messages, prompt.id);
  const given = toldLines(conversation);
  const marker = given.findIndex((line) => line.startsWith('system: [') && line.includes('no room'));
  if (marker < 0) {
    same(
      given,
      told.flatMap(({ said, done }) => (said === null ? done : [said, ...done])),
    );
    return false;
  }
  // Whole exchanges, the newest of them; what was said as system may go for longer.
  const talk = given.filter((line) => !line.startsWith('system: '));
  const exchanges = told.map(({ said, isSystem, done }) =>
    said === null || isSystem ? done : [said, ...done],
  );
  let expected: readonly string[] = [];
  for (const exchange of exchanges.toReversed()) {
    if (expected.length >= talk.length) break;
    expected = [...exchange, ...expected];
  }
  same(talk, expected);
  const tokens = conversation.reduce((sum, { content }) => sum + estimatedTokens(content), 0);
  const own = exchanges.at(-1)?.length ?? 0;
  if (talk.length > own && tokens > contextTokensMax) throw new Error('more was told than there is room for');
  return true;
}

function same(given: readonly string[], expected: readonly string[]): void {
  const show = (lines: readonly string[]) => lines.map((line) => `    ${JSON.stringify(line)}`).join('\n');
  if (given.length === expected.length && given.every((line, index) => line === expected[index])) return;
  throw new Error(`the model was given\n${show(given)}\n  and what happened is\n${show(expected)}`);
}
