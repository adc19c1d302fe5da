/** The rows of a transcript in pages of bounded size, each read when the one before has been told. */
import type { OutlinedCall, OutlinedTurn, TranscriptReads } from '../../actors/transcript-reads.ts';
import type { ToolCallId } from '../../schema/ids.ts';
import type { ImportedCall } from '../../schema/imported-conversation.ts';
import { limits } from '../../schema/limits.ts';

/** Groups of at most `transcriptPageRows` rows, and at most `transcriptPageBytes` together unless a single row has more. */
export function* pagesOf<Row>(
  rows: readonly Row[],
  bytesOf: (row: Row) => number,
): Generator<readonly Row[]> {
  let page: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = bytesOf(row);
    const isFull = page.length >= limits.transcriptPageRows || bytes + size > limits.transcriptPageBytes;
    if (isFull && page.length > 0) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(row);
    bytes += size;
  }
  if (page.length > 0) yield page;
}

/** Every call of the turns. */
export async function* pagesOfCalls(
  reads: TranscriptReads,
  turns: readonly OutlinedTurn[],
): AsyncGenerator<readonly ImportedCall[]> {
  for (const page of pagesOf(turns, () => 0)) {
    const outlined = await reads.callsOf(page);
    for (const calls of pagesOf(outlined, ({ bytes }) => bytes)) yield await reads.calls(calls);
  }
}

/** Finds the calls of one answer, which are wanted in the order in which they were made. Keeps one page of them. */
export class CallsInOrder {
  readonly #reads: TranscriptReads;
  readonly #turns: readonly OutlinedTurn[];
  #pages: readonly (readonly OutlinedCall[])[] | undefined;
  #kept: readonly ImportedCall[] = [];

  constructor(reads: TranscriptReads, turns: readonly OutlinedTurn[]) {
    this.#reads = reads;
    this.#turns = turns;
  }

  async find(id: ToolCallId): Promise<ImportedCall | undefined> {
    const known = this.#kept.find((call) => call.id === id);
    if (known !== undefined || this.#turns.length === 0) return known;
    this.#pages ??= [...pagesOf(await this.#reads.callsOf(this.#turns), ({ bytes }) => bytes)];
    const page = this.#pages.find((calls) => calls.some((call) => call.id === id));
    if (page === undefined) return undefined;
    this.#kept = await this.#reads.calls(page);
    return this.#kept.find((call) => call.id === id);
  }
}
