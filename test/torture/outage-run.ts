/**
 * One run in which the server is never killed while its store is taken away and given back: the scenario, the
 * outages, the verdict. The same process must serve throughout.
 */
import { join } from 'node:path';
import { openStorage } from '../../src/storage/open-storage.ts';
import { temporaryFolder } from '../processes/server-process.ts';
import { Follower } from './follower.ts';
import { lostFiles } from './lost-files.ts';
import { probeRuns } from './probe-tool.ts';
import type { Victim } from './sabotage.ts';
import type { Scenario } from './scenario.ts';
import { ServerLives } from './server-lives.ts';
import { TorturedClient } from './tortured-client.ts';
import { agreeMsMax, bounded, silentLog } from './tortured-run.ts';
import { judge, type Verdict } from './verdict.ts';

export type Outage = {
  /** Counted from the end of the previous outage. */
  readonly afterMs: number;
  readonly forMs: number;
};

export type OutageRun = {
  /** How many outages really happened; none begins when everything is done. */
  readonly outages: number;
  /** In how many outages a command was refused as retryable. */
  readonly refused: number;
  readonly verdict: Verdict;
  /** Things that a server must never do, whatever happens to its store. */
  readonly misbehaviour: readonly string[];
};

export async function outageRun(options: {
  readonly victim: Victim;
  readonly outages: readonly Outage[];
  readonly scenario: Scenario;
}): Promise<OutageRun> {
  const { victim, scenario } = options;
  const { databaseUrl, dataFolder } = victim;
  const folder = await temporaryFolder();
  const lives = new ServerLives({ folder: folder.path, dataFolder, databaseUrl, deaths: [] });
  const where = lives.whereabouts;
  const client = new TorturedClient(where);
  const follower = new Follower({ where, client });
  const seen = { lostFiles: [] as readonly string[], misled: [] as readonly string[] };
  const sabotage = new Outages(client, victim);
  try {
    lives.onStart = (url) => client.watch(url);
    lives.start();
    await follower.start();
    const work = scenario.run(client).then(() => lives.turnsEnd());
    const inflicted = sabotage.inflict(options.outages, work);
    await bounded(
      Promise.all([work, inflicted]).then(() => {}),
      () => `after ${sabotage.count} outages the run waits for ${client.waiting.join(', ')}; ${lives.errors}`,
    );
    await bounded(sabotage.probesEnd(), () => `probes have no answer: ${client.waiting.join(', ')}`);
    await bounded(
      (async () => {
        seen.lostFiles = await lostFiles(where, client);
        seen.misled = await follower.disagreements(agreeMsMax);
      })(),
      () => 'nothing can be read',
    );
    client.close();
    follower.close();
    const exitCode = await lives.end();
    const storage = await openStorage({
      dataFolder: dataFolder ?? folder.path,
      log: silentLog,
      ...(databaseUrl === '' ? {} : { databaseUrl }),
    });
    const verdict = await judge(storage, client, {
      toolRuns: probeRuns(join(folder.path, 'probe-runs.txt')),
      ...seen,
    });
    await storage.close();
    const misbehaviour = [
      ...client.failures.map((failure) => `answered ${failure}`),
      ...(client.unanswered === 0 ? [] : [`did not answer ${client.unanswered} times`]),
      ...(exitCode === 0 ? [] : [`ended with ${exitCode}`]),
      ...(lives.errors === '' ? [] : [`said ${lives.errors}`]),
    ];
    return { outages: sabotage.count, refused: sabotage.refused, verdict, misbehaviour };
  } finally {
    client.close();
    follower.close();
    await victim.heal();
    await lives.end();
    await folder.remove();
  }
}

class Outages {
  readonly #client: TorturedClient;
  readonly #victim: Victim;
  readonly #probes: Promise<unknown>[] = [];
  count = 0;
  refused = 0;

  constructor(client: TorturedClient, victim: Victim) {
    this.#client = client;
    this.#victim = victim;
  }

  /** One after the other, while there is work to disturb. */
  async inflict(outages: readonly Outage[], work: Promise<void>): Promise<void> {
    let working = true;
    void work
      .catch(() => {})
      .finally(() => {
        working = false;
      });
    for (const { afterMs, forMs } of outages) {
      await pause(afterMs);
      if (!working) return;
      this.count++;
      const refusals = this.#client.retryableRefusals;
      await this.#victim.strike();
      await Promise.all([pause(forMs), this.#provoke(refusals)]);
      if (this.#client.retryableRefusals > refusals) this.refused++;
      await this.#victim.heal();
    }
  }

  async probesEnd(): Promise<void> {
    await Promise.all(this.#probes);
  }

  /** Sends commands until one was refused, each answered in the end: the scenario itself may be waiting for a turn. */
  async #provoke(refusals: number): Promise<void> {
    for (let probe = 0; probe < probesMax && this.#client.retryableRefusals === refusals; probe++) {
      this.#probes.push(
        this.#client.command('PATCH', '/config', `probe ${this.#probes.length}`, {
          features: { torture: probe % 2 === 0 },
        }),
      );
      await pause(10);
    }
  }
}

/** On a full disk, files that exist may still have some room. */
const probesMax = 400;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
