/** The load client: a process that opens subscribers, asks for answers, and records what arrives and when. */

import { z } from 'zod';
import { readEmissions } from '../engine/emissions-file.ts';
import { emissionKey } from '../engine/prompt.ts';
import { burn } from '../process/burn.ts';
import { serveParent } from '../process/child.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { type SystemUnderTest, systems } from '../systems/systems.ts';
import { answerTokens, tokenEnds } from '../text/answer-text.ts';
import { AnswerRun } from './answer-run.ts';
import { commandLoad, commandLoadSchema } from './command-load.ts';
import { latencyOf, newHistogram, recordMs, recordReads } from './latencies.ts';
import { parsingCpuMs, parsingSchema, pushAnswer, pushSchema } from './pushed-lines.ts';
import { answerSchema, latenciesSchema, openSchema } from './questions.ts';
import { createSession, inParallel } from './rest.ts';
import { resumeStorm, resumeStormSchema } from './resume-storm.ts';
import { Soak, soakSchema } from './soak.ts';
import { Subscriber } from './subscriber.ts';
import { wellBehaved, wellBehavedSchema } from './well-behaved.ts';

const connectionsPerAddress = 20_000;
/** By session index. */
const subscribers = new Map<number, Subscriber[]>();
let lastRun: AnswerRun | undefined;
let soak: Soak | undefined;

await serveParent(null, {
  createSessions: (data) => {
    const { port, count } = z.object({ port: z.number(), count: z.number() }).parse(data);
    return inParallel(count, 16, () => createSession(port));
  },
  open,
  closeAll: () => {
    for (const each of subscribers.values()) for (const subscriber of each) subscriber.close();
    subscribers.clear();
  },
  /** How many subscribers have lost a connection. */
  lost: () =>
    [...subscribers.values()]
      .flat()
      .filter(({ connections }) => connections.some(({ ended }) => ended !== undefined)).length,
  answer: (data) => {
    lastRun = new AnswerRun(answerSchema.parse(data), subscribers);
    return lastRun.run();
  },
  burn: (data) => burn(z.number().parse(data)),
  push: (data) => pushAnswer(pushSchema.parse(data)),
  parse: (data) => parsingCpuMs(parsingSchema.parse(data)),
  commands: (data) => commandLoad(commandLoadSchema.parse(data)),
  resumeStorm: (data) => resumeStorm(resumeStormSchema.parse(data)),
  soak: (data) => {
    soak = new Soak(soakSchema.parse(data));
  },
  soakSample: () => soak?.sample(),
  endSoak: () => soak?.stop(),
  wellBehaved: (data) => wellBehaved(wellBehavedSchema.parse(data)),
  latencies: (data) => {
    const {
      emissionsFile,
      fromMs,
      untilMs = Number.POSITIVE_INFINITY,
      sessions,
    } = latenciesSchema.parse(data);
    const emissions = readEmissions(emissionsFile);
    lastRun?.writeRecording(emissions);
    const [tokens, firstTokens] = [newHistogram(), newHistogram()];
    const measured = sessions === undefined ? undefined : new Set(sessions);
    for (const { prompt } of lastRun?.answers ?? []) {
      const emitted = emissions.get(emissionKey(prompt));
      if (emitted === undefined) continue;
      const askedMs = lastRun?.askedMs.get(prompt.session);
      const ends = tokenEnds(answerTokens(prompt));
      for (const { readAtMs, readUnits } of lastRun?.readersOf(prompt.session) ?? []) {
        const [firstMs] = readAtMs;
        if (measured?.has(prompt.session) !== false)
          recordReads(tokens, { atMs: readAtMs, units: readUnits }, emitted, ends, { fromMs, untilMs });
        else if (firstMs !== undefined && askedMs !== undefined) recordMs(firstTokens, firstMs - askedMs);
      }
    }
    return { tokens: latencyOf(tokens), firstTokens: latencyOf(firstTokens) };
  },
});

async function open(data: unknown) {
  const { port, system, sessions, atOnce, compress } = openSchema.parse(data);
  const histogram = newHistogram();
  const wanted = sessions.flatMap(({ index, id, subscribers: count }) =>
    Array.from({ length: count }, () => ({ index, id })),
  );
  const cpuBefore = process.cpuUsage();
  const beganMs = monotonicMs();
  const present = [...subscribers.values()].reduce((sum, { length }) => sum + length, 0);
  const opened = await inParallel(wanted.length, atOnce, async (at) => {
    const startMs = monotonicMs();
    const subscriber = await Subscriber.open({
      port,
      system: systems[system],
      sessionId: wanted[at]?.id ?? '',
      shared: sessions.length > 1,
      localAddress: addressOf(systems[system], present + at),
      compress,
    });
    recordMs(histogram, monotonicMs() - startMs);
    return subscriber;
  });
  const wallMs = monotonicMs() - beganMs;
  const cpu = process.cpuUsage(cpuBefore);
  for (const [at, subscriber] of opened.entries()) {
    const { index = 0 } = wanted[at] ?? {};
    const members = subscribers.get(index) ?? [];
    members.push(subscriber);
    subscribers.set(index, members);
  }
  return {
    wallMs,
    latency: latencyOf(histogram),
    clientCpuShare: (cpu.user + cpu.system) / 1000 / wallMs,
    compressed: opened.filter(({ compressed }) => compressed).length,
  };
}

/**
 * Where a subscriber's connections are made from: an address has about 28,000 ports to connect from, and loopback has many
 * addresses. Undefined: the system may choose, which is cheaper.
 */
function addressOf(system: SystemUnderTest, index: number): string | undefined {
  const address = Math.floor((index * system.paths('').length) / connectionsPerAddress);
  return address === 0 ? undefined : `127.0.0.${address + 1}`;
}
