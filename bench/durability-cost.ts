/**
 * What a commit costs. Goal: durable events per second and commit times on each store, against a journal in memory.
 * Method: the same commands through the real actors, one client or many; the stores take turns in short rounds of one
 * run, so that whatever else the machine does hits all of them; a round ends when all its commands are answered.
 */
import { addNote, eventsPerNote, type MeasuredSystem, newSession } from './measured-system.ts';
import { quantile } from './quantile.ts';

export type Contestant = { readonly name: string; readonly measured: MeasuredSystem };

export type CostFigure = {
  readonly store: string;
  readonly clients: number;
  readonly eventsPerSecond: number;
  readonly eventsPerCommit: number;
  readonly commitMsP50: number;
  readonly commitMsP99: number;
  /** From the command to its answer. */
  readonly answerMsP50: number;
  readonly answerMsP99: number;
};

export async function costOfDurability(
  contestants: readonly Contestant[],
  options: { readonly clients: number; readonly rounds: number; readonly roundMs: number },
): Promise<readonly CostFigure[]> {
  const runners = await Promise.all(contestants.map((contestant) => Runner.of(contestant, options.clients)));
  // One round to warm up.
  for (let round = -1; round < options.rounds; round++) {
    for (const runner of runners) {
      if (round === 0) runner.forget();
      await runner.round(options.roundMs);
    }
  }
  return runners.map((runner) => runner.figure());
}

class Runner {
  readonly #contestant: Contestant;
  readonly #sessions: readonly Parameters<typeof addNote>[1][];
  #elapsedMs = 0;
  #answers: number[] = [];
  #commits: number[] = [];

  private constructor(contestant: Contestant, sessions: readonly Parameters<typeof addNote>[1][]) {
    this.#contestant = contestant;
    this.#sessions = sessions;
  }

  static async of(contestant: Contestant, clients: number): Promise<Runner> {
    const sessions = await Promise.all(
      Array.from({ length: clients }, () => newSession(contestant.measured)),
    );
    return new Runner(contestant, sessions);
  }

  forget(): void {
    this.#elapsedMs = 0;
    this.#answers = [];
    this.#commits = [];
  }

  async round(roundMs: number): Promise<void> {
    const { measured } = this.#contestant;
    measured.takeCommits();
    const start = performance.now();
    await Promise.all(
      this.#sessions.map(async (session) => {
        for (let now = performance.now(); now - start < roundMs; ) {
          await addNote(measured, session);
          const answered = performance.now();
          this.#answers.push(answered - now);
          now = answered;
        }
      }),
    );
    this.#elapsedMs += performance.now() - start;
    this.#commits.push(...measured.takeCommits());
  }

  figure(): CostFigure {
    const events = this.#answers.length * eventsPerNote;
    return {
      store: this.#contestant.name,
      clients: this.#sessions.length,
      eventsPerSecond: (events / this.#elapsedMs) * 1000,
      eventsPerCommit: events / this.#commits.length,
      commitMsP50: quantile(this.#commits, 0.5),
      commitMsP99: quantile(this.#commits, 0.99),
      answerMsP50: quantile(this.#answers, 0.5),
      answerMsP99: quantile(this.#answers, 0.99),
    };
  }
}
