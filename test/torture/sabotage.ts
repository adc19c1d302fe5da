/**
 * Sabotage: faults in the store of a running server. The database is killed, or its disk filled, and later restored;
 * the server must notice both by itself.
 */
import { temporaryFolder } from '../processes/server-process.ts';
import { PostgresCluster } from './postgres-cluster.ts';
import { SmallDisk } from './small-disk.ts';

export type Victim = {
  /** Empty for SQLite. */
  readonly databaseUrl: string;
  /** SQLite's folder; absent: any. */
  readonly dataFolder?: string;
  readonly strike: () => Promise<void>;
  /** Resolves when the store can be used again. */
  readonly heal: () => Promise<void>;
  /** Called after healing. */
  readonly remove: () => Promise<void>;
};

export type Sabotage = {
  readonly name: string;
  readonly fault: 'database' | 'disk';
  /** Makes a fresh, empty store. */
  readonly prepare: () => Promise<Victim>;
};

/** `pg_ctl stop -m immediate`, and a start. */
export const killedPostgres: Sabotage = {
  name: 'PostgreSQL, killed',
  fault: 'database',
  prepare: async () => {
    const folder = await temporaryFolder();
    const cluster = await PostgresCluster.start(folder.path).catch(async (error: unknown) => {
      await folder.remove();
      throw error;
    });
    const { url } = await cluster.createDatabase();
    return {
      databaseUrl: url,
      strike: () => cluster.crash(),
      heal: () => cluster.startAgain(),
      remove: async () => {
        await cluster.crash();
        await folder.remove();
      },
    };
  },
};

export const fullSqliteDisk: Sabotage = {
  name: 'SQLite, disk full',
  fault: 'disk',
  prepare: async () => {
    const disk = await SmallDisk.mount(24);
    return {
      databaseUrl: '',
      dataFolder: disk.path,
      strike: () => disk.fill(),
      heal: () => disk.free(),
      remove: () => disk.unmount(),
    };
  },
};

/**
 * PostgreSQL refuses to grow tables on a full disk (53100), and stops when its log cannot grow. Every second strike
 * fills the log, by asking for new segments until the server has stopped.
 */
export const fullPostgresDisk: Sabotage = {
  name: 'PostgreSQL, disk full',
  fault: 'disk',
  prepare: async () => {
    const disk = await SmallDisk.mount(80);
    const cluster = await PostgresCluster.start(disk.path).catch(async (error: unknown) => {
      await disk.unmount();
      throw error;
    });
    const { url } = await cluster.createDatabase();
    let strikes = 0;
    return {
      databaseUrl: url,
      strike: async () => {
        await disk.fill();
        if (++strikes % 2 === 0) await exhaustLog(cluster);
      },
      heal: async () => {
        await disk.free();
        await cluster.startAgain();
      },
      remove: async () => {
        await cluster.crash();
        await disk.unmount();
      },
    };
  },
};

async function exhaustLog(cluster: PostgresCluster): Promise<void> {
  for (let segment = 0; segment < segmentsMax; segment++) {
    try {
      await cluster.query(
        'postgres',
        "select pg_logical_emit_message(false, 'torture', 'x'), pg_switch_wal()",
      );
    } catch {
      return;
    }
  }
}

/** More segments than a log of `max_wal_size` keeps ready. */
const segmentsMax = 16;
