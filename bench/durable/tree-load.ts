/** A load of commands or of one-token turns on the code of any tree, through the real actors over SQLite. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Engine } from '../../actors/ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import { leasesOf } from '../../src/leases.ts';
import { acceptedValue, nobody, silentLog } from './measured-system.ts';
import { noFiles } from './no-files.ts';
import { scratchSqlite } from './scratch-stores.ts';

export type TreeLoad = {
  /** Microseconds of processor time for each. */
  readonly group: (kind: LoadKind) => Promise<number>;
  /** Ends it. Bytes that each took in the store. */
  readonly end: () => Promise<number>;
};

export const loadKinds = ['command', 'turn'] as const;
export type LoadKind = (typeof loadKinds)[number];

const sessionCount = 20;
/** Few, lest reading what was said before becomes what is measured. */
const roundsPerGroup = 10;
const perGroup = sessionCount * roundsPerGroup;

const oneToken: Engine = {
  name: 'one-token',
  async *stream() {
    yield { type: 'text', text: 'Hello' };
    yield { type: 'finish', reason: 'stop' };
  },
};

export async function treeLoad(tree: string): Promise<TreeLoad> {
  const { openStorage, ...modules } = await modulesOf(tree);
  const scratch = await scratchSqlite('normal');
  const file = join(scratch.dataFolder, 'callboard.sqlite');
  await (await openStorage({ ...scratch, log: silentLog })).close();
  const emptyBytes = statSync(file).size;
  const storage = await openStorage({ ...scratch, log: silentLog });
  let turnEnded = () => {};
  const system = await modules.startLiveSystem({
    journal: storage.journal,
    readModel: storage.readModel,
    files: noFiles,
    publisher: {
      ...nobody,
      durable: (event) => {
        if (event.type === 'turn.ended') turnEnded();
      },
    },
    engine: oneToken,
    tools: modules.createToolBox([]),
    clock: modules.systemClock,
    ids: modules.systemIds,
    log: silentLog,
    leases: leasesOf('bench'),
    random: Math.random,
  });
  const newSession = async () => acceptedValue(await system.door.createSession({ title: 'Bench' })).id;
  const say = async (session: SessionId, role: 'user' | 'assistant') => {
    const content = 'The quick brown fox jumps over the lazy dog, again and again and again.';
    const message = { role, content, toolCallId: undefined, name: undefined };
    acceptedValue(await system.door.addMessage(session, message));
  };
  const round = {
    command: async (sessions: readonly SessionId[]) => {
      await Promise.all(sessions.map((session) => say(session, 'assistant')));
    },
    turn: async (sessions: readonly SessionId[]) => {
      let open = sessions.length;
      const ended = new Promise<void>((resolve) => {
        turnEnded = () => {
          if (--open === 0) resolve();
        };
      });
      await Promise.all([ended, ...sessions.map((session) => say(session, 'user'))]);
    },
  };
  let groups = 0;
  return {
    group: async (kind) => {
      const sessions = await Promise.all(Array.from({ length: sessionCount }, newSession));
      groups++;
      const before = process.cpuUsage();
      for (let count = 0; count < roundsPerGroup; count++) await round[kind](sessions);
      const { user, system: kernel } = process.cpuUsage(before);
      return (user + kernel) / perGroup;
    },
    end: async () => {
      await system.stop();
      await storage.close();
      const bytes = statSync(file).size - emptyBytes;
      await scratch.remove();
      return bytes / (groups * perGroup);
    },
  };
}

/** The other tree's modules have the types that they had then; what is used here has not changed. */
async function modulesOf(tree: string) {
  const inTree = (file: string) => pathToFileURL(join(tree, file)).href;
  const live: typeof import('../../actors/live-system.ts') = await import(inTree('actors/live-system.ts'));
  const storage: typeof import('../../src/storage/open-storage.ts') = await import(
    inTree('src/storage/open-storage.ts')
  );
  const clock: typeof import('../../src/clock.ts') = await import(inTree('src/clock.ts'));
  const ids: typeof import('../../src/ids.ts') = await import(inTree('src/ids.ts'));
  const tools: typeof import('../../src/tools/tool-box.ts') = await import(inTree('src/tools/tool-box.ts'));
  return { ...live, ...storage, ...clock, ...ids, ...tools };
}
