/**
 * I9. Every reader gets arguments and results of at most 2,000 units, without a split character, and with a mark
 * where they were cut. The store has the whole values for comparison.
 */
import { limits } from '../../../schema/limits.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I9');

export const previews: Invariant = {
  name: 'I9',
  says: 'At most 2,000 characters plus `…`, valid JSON on the wire, no split surrogate pair, never an exception.',
  watch: (history) => ({
    hear: (fact) => {
      if (fact.kind !== 'received') return;
      const { reader, frame, text } = fact;
      holds(text.isWellFormed() && isWellFormed(frame.data), () => `${reader.name} got half a character`);
      if (frame.event !== 'tool.call' && frame.event !== 'tool.result') return;
      judge(`arguments at ${reader.name}`, frame.data['arguments']);
      judge(`result at ${reader.name}`, frame.data['result']);
      const event = frame.seq === undefined ? undefined : history.wireAt(frame.seq)?.event;
      if (event?.type !== 'tool.call' && event?.type !== 'tool.result') return;
      isCutOf('arguments', frame.data['arguments'], event.record.argumentsJson);
      isCutOf('result', frame.data['result'], event.record.result ?? null);
    },
  }),
};

function judge(what: string, shown: unknown): void {
  if (shown === null) return;
  holds(typeof shown === 'string', () => `${what} is no text`);
  holds(shown.length <= limits.previewUnitsMax + 1, () => `${what} is ${shown.length} units long`);
  holds(shown.length <= limits.previewUnitsMax || shown.endsWith('…'), () => `${what} is cut without a word`);
}

/** Everything is shown, or as much as fits except for half a character. */
function isCutOf(what: string, shown: unknown, whole: string | null): void {
  if (whole === null || typeof shown !== 'string') {
    holds(shown === whole, () => `${what} is ${String(shown)}, not ${whole}`);
    return;
  }
  if (whole.length <= limits.previewUnitsMax) {
    holds(shown === whole, () => `${what} is not shown as it is`);
    return;
  }
  const cut = shown.slice(0, -1);
  holds(whole.startsWith(cut), () => `${what} is not the beginning of the whole`);
  holds(cut.length >= limits.previewUnitsMax - 1, () => `${what} is cut too early, at ${cut.length} units`);
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isWellFormed);
}
