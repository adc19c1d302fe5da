/** Commands over REST, one at a time per session, for a fixed time. */
import { z } from 'zod';
import { latencyOf, newHistogram, recordMs } from './latencies.ts';
import { callRest } from './rest.ts';

export const commandLoadSchema = z.object({
  port: z.number().int(),
  sessions: z.array(z.string()),
  ms: z.number(),
});

const note = {
  role: 'assistant',
  content: 'The quick brown fox jumps over the lazy dog, again and again and again.',
};
const warmUpShare = 0.3;

export async function commandLoad({ port, sessions, ms }: z.infer<typeof commandLoadSchema>) {
  await round(port, sessions, ms * warmUpShare);
  return round(port, sessions, ms);
}

async function round(port: number, sessions: readonly string[], ms: number) {
  const histogram = newHistogram();
  const cpuBefore = process.cpuUsage();
  const loopBefore = performance.eventLoopUtilization();
  const start = performance.now();
  await Promise.all(
    sessions.map(async (session) => {
      for (let now = performance.now(); now - start < ms; ) {
        await callRest(port, `/chat-sessions/${session}/messages`, note);
        const answered = performance.now();
        recordMs(histogram, answered - now);
        now = answered;
      }
    }),
  );
  const elapsedMs = performance.now() - start;
  const cpu = process.cpuUsage(cpuBefore);
  const { utilization } = performance.eventLoopUtilization(loopBefore);
  return {
    commandsPerSecond: (histogram.totalCount / elapsedMs) * 1000,
    answer: latencyOf(histogram),
    clientCpuShare: (cpu.user + cpu.system) / 1000 / elapsedMs,
    clientBusyShare: utilization,
  };
}
