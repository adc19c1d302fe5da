/** Asks a worker to colour code: one text after another, each for a bounded time. */
import type { CodePiece } from './highlight-pieces.ts';

export type HighlightRequest = { readonly id: number; readonly code: string; readonly language: string };
/** `ready`: the worker has started. `undefined` pieces: the code stays plain. */
export type HighlightAnswer =
  | { readonly id: 'ready' }
  | { readonly id: number; readonly pieces: readonly CodePiece[] | undefined };

type Job = HighlightRequest & { readonly done: (pieces: readonly CodePiece[] | undefined) => void };

/** How long a text may take; then the worker is ended, and the code stays plain. */
const answerMs = 200;
/** Texts whose colours are remembered. */
const keptMax = 200;

/** The worker, as far as it is used. */
export type HighlightWorker = {
  readonly post: (request: HighlightRequest) => void;
  readonly end: () => void;
};

type HighlightEvents = {
  readonly answered: (answer: HighlightAnswer) => void;
  readonly failed: () => void;
};

export class Highlighter {
  readonly #startWorker: (events: HighlightEvents) => HighlightWorker | undefined;
  readonly #jobs: Job[] = [];
  readonly #kept = new Map<string, Promise<readonly CodePiece[] | undefined>>();
  #worker: HighlightWorker | undefined;
  #isReady = false;
  #running: Job | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ids = 0;

  /** `startWorker` returns `undefined` where there can be none: all code stays plain. */
  constructor(startWorker: (events: HighlightEvents) => HighlightWorker | undefined) {
    this.#startWorker = startWorker;
  }

  /** `undefined`: the code stays plain. */
  pieces(code: string, language: string): Promise<readonly CodePiece[] | undefined> {
    const key = `${language}\n${code}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const made = new Promise<readonly CodePiece[] | undefined>((done) => {
      this.#jobs.push({ id: this.#ids++, code, language, done });
    });
    this.#kept.set(key, made);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > keptMax && oldest !== undefined) this.#kept.delete(oldest);
    this.#next();
    return made;
  }

  #next(): void {
    if (this.#running !== undefined || this.#jobs.length === 0) return;
    if (this.#worker === undefined) this.#start();
    if (!this.#isReady) return;
    const job = this.#jobs.shift();
    if (job === undefined) return;
    this.#running = job;
    const { id, code, language } = job;
    this.#worker?.post({ id, code, language });
    this.#timer = setTimeout(() => this.#end(), answerMs);
  }

  #start(): void {
    this.#worker = this.#startWorker({
      answered: (answer) => {
        if (answer.id === 'ready') this.#isReady = true;
        else if (answer.id === this.#running?.id) this.#answer(answer.pieces);
        this.#next();
      },
      failed: () => {
        // A worker that cannot start would not start again either.
        if (!this.#isReady) for (const { done } of this.#jobs.splice(0)) done(undefined);
        this.#end();
      },
    });
    if (this.#worker === undefined) for (const { done } of this.#jobs.splice(0)) done(undefined);
  }

  /** Ends the worker, and with it what it works on; the next text starts another. */
  #end(): void {
    this.#worker?.end();
    this.#worker = undefined;
    this.#isReady = false;
    this.#answer(undefined);
    this.#next();
  }

  #answer(pieces: readonly CodePiece[] | undefined): void {
    clearTimeout(this.#timer);
    const job = this.#running;
    this.#running = undefined;
    job?.done(pieces);
  }
}
