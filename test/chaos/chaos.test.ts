/**
 * Goal: whatever the network does to a client, it ends up with what there is, and has seen everything once, in order
 * (I1–I4). Method: the real client library and the real server, a proxy between them that delays, splits, stalls and
 * cuts as fast-check orders, and a second client beside it that nothing disturbs. Both ask, edit, regenerate, delete and
 * select branches.
 *
 * `FC_RUNS=1000` runs more cases.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effort, requestedCases } from '../effort.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../processes/server-process.ts';
import { runChaosCase } from './chaos-case.ts';
import { chaosPlans } from './chaos-plans.ts';
import { type ChaosProxy, startChaosProxy } from './chaos-proxy.ts';
import { chaosScript } from './chaos-script.ts';
import { type WatchedClient, type WatchedStream, watchedClient } from './watched-client.ts';

/** Of each of the two properties. */
const runs = requestedCases({ quick: 16, full: 60 });
const caseMs = 10_000;

describe('a client behind a network that misbehaves', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: ServerProcess;
  let proxy: ChaosProxy;
  let control: WatchedClient;
  let journal: WatchedStream;

  beforeAll(async () => {
    folder = await temporaryFolder();
    server = await startServer({ dataFolder: folder.path });
    proxy = await startChaosProxy(server.port);
    control = watchedClient({ url: server.url });
    journal = control.watch();
    await journal.stream.subscribed;
  });

  afterAll(async () => {
    control.client.close();
    await proxy.close();
    await server.end();
    await folder.remove();
  });

  const property = async (options: { readonly websocketFailuresMax: number }) => {
    let cases = 0;
    let lives = 0;
    let branches = 0;
    const before = { ...proxy.seen };
    await fc.assert(
      fc.asyncProperty(chaosPlans, chaosScript, async (plans, script) => {
        const report = await runChaosCase(
          { url: server.url, proxy, control, journal, options },
          plans,
          script,
        );
        cases++;
        lives += report.lives;
        branches += report.branches;
      }),
      {
        numRuns: runs,
        // A case that never converges fails.
        timeout: caseMs,
      },
    );
    // Enough cases ran.
    expect(cases).toBeGreaterThanOrEqual(runs);
    expect(proxy.seen.cuts - before.cuts).toBeGreaterThan(cases);
    // Few cases may have no stall, and select no branch.
    if (effort === 'full') {
      expect(proxy.seen.stalls - before.stalls).toBeGreaterThan(0);
      expect(branches).toBeGreaterThan(0);
    }
    expect(lives).toBeGreaterThan(cases);
    return cases;
  };

  const timeoutMs = runs * caseMs;

  it(
    '[I3] [CLT1] sees every durable event once, in order, and ends with what REST says',
    async () => {
      await property({ websocketFailuresMax: Number.POSITIVE_INFINITY });
    },
    timeoutMs,
  );

  it(
    '[V1E1] [CLT6] does so over Server-Sent Events',
    async () => {
      await property({ websocketFailuresMax: 0 });
    },
    timeoutMs,
  );
});
