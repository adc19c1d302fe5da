/**
 * `npm run bench:durability`: what durability costs, and what stored sessions cost. PostgreSQL takes part when
 * `--database-url` or TEST_DATABASE_URL names one. Prints Markdown.
 */
import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { openStorage } from '../src/storage/open-storage.ts';
import { type Contestant, type CostFigure, costOfDurability } from './durability-cost.ts';
import { measuredSystem, silentLog } from './measured-system.ts';
import { memoryJournal } from './memory-journal.ts';
import { quantile } from './quantile.ts';
import { type ScratchStore, scratchPostgres, scratchSqlite } from './scratch-stores.ts';
import { bytesPerSession } from './session-memory.ts';
import { startUp } from './start-up.ts';
import { storeSessions } from './stored-sessions.ts';
import { wakeTime } from './wake-time.ts';

const options: { databaseUrl?: string; sessions: number; rounds: number } = new Command('bench:durability')
  .addOption(new Option('--database-url <url>', 'PostgreSQL to measure').env('TEST_DATABASE_URL'))
  .addOption(new Option('--sessions <count>', 'stored sessions').default(100_000).argParser(Number))
  .addOption(new Option('--rounds <count>', 'rounds of half a second').default(8).argParser(Number))
  .parse()
  .opts();

const say = (text = '') => process.stdout.write(`${text}\n`);
const row = (...cells: readonly (string | number)[]) =>
  say(`| ${cells.map((cell) => (typeof cell === 'number' ? rounded(cell) : cell)).join(' | ')} |`);
const head = (...names: readonly string[]) => {
  row(...names);
  row(...names.map(() => '---'));
};

say(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}\n`);
await costs();
await storedSessions();
say(`Heap per idle session in memory: ${rounded(await bytesPerSession(9_999))} bytes (of 10,000)`);

async function scratchStores(withFull: boolean): Promise<readonly ScratchStore[]> {
  return [
    await scratchSqlite('SQLite'),
    ...(withFull ? [await scratchSqlite('SQLite, full', 'full')] : []),
    ...(options.databaseUrl === undefined ? [] : [await scratchPostgres(options.databaseUrl)]),
  ];
}

async function costs(): Promise<void> {
  const stores = await scratchStores(true);
  const opened = await Promise.all(stores.map((store) => openStorage({ ...store, log: silentLog })));
  const contestants: Contestant[] = [{ name: 'memory', measured: await measuredSystem(memoryJournal()) }];
  for (const [index, storage] of opened.entries()) {
    contestants.push({ name: stores[index]?.name ?? '', measured: await measuredSystem(storage) });
  }
  head(
    'store',
    'sessions',
    'durable events/s',
    'of memory',
    'events per commit',
    'commit p50 ms',
    'p99 ms',
    'answer p50 ms',
    'p99 ms',
  );
  for (const clients of [1, 100]) {
    const figures = await costOfDurability(contestants, { clients, rounds: options.rounds, roundMs: 500 });
    const [reference] = figures;
    for (const figure of figures) costRow(figure, reference ?? figure);
  }
  say();
  for (const { measured } of contestants) await measured.system.stop();
  for (const storage of opened) await storage.close();
  for (const store of stores) await store.remove();
}

function costRow(figure: CostFigure, reference: CostFigure): void {
  row(
    figure.store,
    String(figure.clients),
    figure.eventsPerSecond,
    `${rounded((figure.eventsPerSecond / reference.eventsPerSecond) * 100)} %`,
    figure.eventsPerCommit,
    figure.commitMsP50,
    figure.commitMsP99,
    figure.answerMsP50,
    figure.answerMsP99,
  );
}

async function storedSessions(): Promise<void> {
  head(
    'store',
    'stored sessions',
    'listens after ms',
    'resident MB',
    'wake p50 ms',
    'p99 ms',
    'awake p50 ms',
    'p99 ms',
  );
  for (const count of [0, options.sessions / 100, options.sessions]) {
    for (const store of await scratchStores(false)) {
      const first = await openStorage({ ...store, log: silentLog });
      const sessions = await storeSessions(first.journal, count);
      await first.close();
      const starts = [];
      for (let start = 0; start < 5; start++) starts.push(await startUp(store));
      const second = await openStorage({ ...store, log: silentLog });
      const stride = Math.max(1, Math.floor(sessions.length / 1000));
      const wake = await wakeTime(
        second,
        sessions.filter((_id, index) => index % stride === 0),
      );
      await second.close();
      await store.remove();
      row(
        store.name,
        String(count),
        quantile(
          starts.map(({ readyMs }) => readyMs),
          0.5,
        ),
        quantile(
          starts.map(({ residentMegabytes }) => residentMegabytes),
          0.5,
        ),
        wake.asleepMsP50,
        wake.asleepMsP99,
        wake.awakeMsP50,
        wake.awakeMsP99,
      );
    }
  }
  say();
}

/** Three digits that count; whole from 100 on. */
function rounded(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en-GB') : String(Number(value.toPrecision(3)));
}
