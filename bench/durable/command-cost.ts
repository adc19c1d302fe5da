/** The cost of a commit: commands through the real actors, a fixed number of sessions at a time, for a fixed time. */
import { type Latency, latencyOf, newHistogram, recordMs } from '../client/latencies.ts';
import { addNote, eventsPerNote, type MeasuredSystem, newSession } from './measured-system.ts';

export type CommandCost = {
  readonly commandsPerSecond: number;
  readonly eventsPerCommit: number;
  readonly commit: Latency;
  /** The time from the command to its answer. */
  readonly answer: Latency;
};

const warmUpShare = 0.3;

/** Each of `sessions` sends its next command when the previous one is answered. */
export async function commandCost(
  measured: MeasuredSystem,
  options: { readonly sessions: number; readonly ms: number },
): Promise<CommandCost> {
  const sessions = await Promise.all(Array.from({ length: options.sessions }, () => newSession(measured)));
  const round = async (ms: number) => {
    measured.takeCommits();
    const answers = newHistogram();
    const start = performance.now();
    await Promise.all(
      sessions.map(async (session) => {
        for (let now = performance.now(); now - start < ms; ) {
          await addNote(measured, session);
          const answered = performance.now();
          recordMs(answers, answered - now);
          now = answered;
        }
      }),
    );
    return { elapsedMs: performance.now() - start, answers, commits: measured.takeCommits() };
  };
  await round(options.ms * warmUpShare);
  const { elapsedMs, answers, commits } = await round(options.ms);
  const commit = newHistogram();
  for (const ms of commits) recordMs(commit, ms);
  const answer = latencyOf(answers);
  return {
    commandsPerSecond: (answer.count / elapsedMs) * 1000,
    eventsPerCommit: (answer.count * eventsPerNote) / commits.length,
    commit: latencyOf(commit),
    answer,
  };
}
