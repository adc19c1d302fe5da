/**
 * A PostgreSQL for the harness alone: made by `initdb` in a temporary folder, reached through a Unix socket in it,
 * killed and started on demand, and deleted with the harness. PostgreSQL refuses to run as root; then it runs as the
 * user `postgres`.
 */
import { randomUUID } from 'node:crypto';
import { access, appendFile, chown, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { isRoot, run, succeeds } from './shell.ts';

const installFolder = '/usr/lib/postgresql';
const serverUser = 'postgres';
const owner = 'callboard';

/** The programs of the newest installed PostgreSQL; `undefined` when none is installed. */
export async function postgresPrograms(): Promise<string | undefined> {
  const versions = await readdir(installFolder).catch(() => []);
  for (const version of versions.toSorted((one, other) => Number(other) - Number(one))) {
    const folder = join(installFolder, version, 'bin');
    const found = await access(join(folder, 'initdb')).then(
      () => true,
      () => false,
    );
    if (found) return folder;
  }
  return undefined;
}

/** Small sizes, so that checkpoints, segment switches and a full disk happen soon. */
const configuration = (folder: string) => `
listen_addresses = ''
unix_socket_directories = '${folder}'
shared_buffers = 16MB
min_wal_size = 2MB
max_wal_size = 4MB
checkpoint_timeout = 30s
`;

export class PostgresCluster {
  readonly #programs: string;
  readonly #folder: string;

  private constructor(programs: string, folder: string) {
    this.#programs = programs;
    this.#folder = folder;
  }

  /** Makes a cluster in `folder`, which must be empty, and starts it. The caller calls {@link crash} in the end. */
  static async start(folder: string): Promise<PostgresCluster> {
    const programs = await postgresPrograms();
    if (programs === undefined) throw new Error(`there is no initdb in ${installFolder}/*/bin`);
    const cluster = new PostgresCluster(programs, folder);
    await mkdir(cluster.#data, { mode: 0o700 });
    if (isRoot) {
      const uid = Number(await run('id', ['-u', serverUser]));
      await chown(folder, uid, -1);
      await chown(cluster.#data, uid, -1);
    }
    const options = ['--auth=trust', '--wal-segsize=1', '--encoding=UTF8', '--locale=C', '--no-sync'];
    await cluster.#run('initdb', ['-D', cluster.#data, '-U', owner, ...options]);
    await appendFile(join(cluster.#data, 'postgresql.conf'), configuration(folder));
    await cluster.startAgain();
    return cluster;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  /** `pg_ctl stop -m immediate`: every server process dies at once, without a checkpoint. */
  async crash(): Promise<void> {
    if (await this.#isRunning())
      await this.#run('pg_ctl', ['stop', '-D', this.#data, '-m', 'immediate', '-s']);
  }

  /** Starts a stopped server, however it stopped; resolves when it accepts queries. */
  async startAgain(): Promise<void> {
    for (let attempt = 1; !(await this.answers()); attempt++) {
      if (attempt > attemptsMax) throw new Error(`PostgreSQL in ${this.#folder} does not come up`);
      // A server that is restarting by itself only needs time.
      if (await this.#isRunning()) await new Promise((resolve) => setTimeout(resolve, 50));
      else await this.#control(['start', '-w', '-s', '-l', join(this.#folder, 'log')]);
    }
  }

  async answers(): Promise<boolean> {
    return this.query('postgres', 'select 1').then(
      () => true,
      () => false,
    );
  }

  /** A fresh, empty database. */
  async createDatabase(): Promise<{ readonly url: string; readonly drop: () => Promise<void> }> {
    const name = `torture_${randomUUID().replaceAll('-', '')}`;
    await this.query('postgres', `create database ${name}`);
    return {
      url: this.#url(name),
      drop: () => this.query('postgres', `drop database if exists ${name} with (force)`),
    };
  }

  async query(database: string, statement: string): Promise<void> {
    const client = new Client({ connectionString: this.#url(database), connectionTimeoutMillis: 5000 });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query(statement);
    } finally {
      await client.end().catch(() => {});
    }
  }

  #url(database: string): string {
    return `postgres://${owner}@${encodeURIComponent(this.#folder)}/${database}`;
  }

  async #isRunning(): Promise<boolean> {
    return succeeds(...this.#asServerUser('pg_ctl', ['status', '-D', this.#data]));
  }

  /** May fail, when the server has just started by itself. */
  async #control(args: readonly string[]): Promise<void> {
    await succeeds(...this.#asServerUser('pg_ctl', [...args, '-D', this.#data]));
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    await run(...this.#asServerUser(program, args));
  }

  #asServerUser(program: string, args: readonly string[]): [program: string, args: readonly string[]] {
    const path = join(this.#programs, program);
    return isRoot ? ['runuser', ['-u', serverUser, '--', path, ...args]] : [path, args];
  }
}

/** Far more than it takes. */
const attemptsMax = 200;
