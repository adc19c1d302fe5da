/**
 * The real server compared with the reference model, over real sockets: the server answers every command as the model
 * does, and REST, the readers and the model agree after every command (I1–I5, I7, I8, I10, I11).
 */
import fc from 'fast-check';
import { runtimeConfigSchema } from '../../schema/runtime-config.ts';
import {
  type Budget,
  type NamedProperty,
  namedProperty,
  type Stage,
  type Verdict,
} from '../named-property.ts';
import { expectAgreement } from './server/agreement.ts';
import { DrivenServer } from './server/driven-server.ts';
import type { Order } from './server/orders.ts';
import { ReferenceModel } from './server/reference-model.ts';
import { type ServerCommand, serverCommands } from './server/server-commands.ts';

const about = {
  name: 'server-agrees',
  promises: 'Over real sockets and across restarts, the server does what a small model of it does.',
  rules: ['I1', 'I2', 'I3', 'I4', 'I5', 'I7', 'I8', 'I10', 'I11'],
  runs: 12,
  quickRuns: 9,
} as const;

/** Separates fast-check's own path from that of its commands, which is also needed to repeat a counterexample. */
const pathSeparator = '#';

export const serverAgrees: NamedProperty = {
  ...about,
  run: async (budget) => {
    const [path, replayPath] = budget.path?.split(pathSeparator) ?? [];
    const counts: Record<string, number> = { steps: 0 };
    const onCommand = ({ kind }: Order) => {
      counts['steps'] = (counts['steps'] ?? 0) + 1;
      counts[kind] = (counts[kind] ?? 0) + 1;
    };
    let smallest = '';
    const verdict = await namedProperty({
      ...about,
      values: serverCommands(onCommand, replayPath),
      open: async () => {
        const server = await DrivenServer.start();
        return {
          ...stageOf(server),
          counts: () => counts,
          script: (commands) => {
            smallest = fc.stringify(commands);
            return [...commands].map(String);
          },
        };
      },
    }).run(path === undefined ? budget : ({ ...budget, path } satisfies Budget));
    return withReplayPath(verdict, smallest);
  },
};

function stageOf(server: DrivenServer): Stage<Iterable<ServerCommand>> {
  return {
    check: async (commands) => {
      server.begin();
      const model = new ReferenceModel();
      // This run begins with the config that earlier runs left.
      model.config = runtimeConfigSchema.parse((await server.call('GET', '/config')).body);
      try {
        await fc.asyncModelRun(() => ({ model, real: server }), commands);
        await expectAgreement(model, server);
      } finally {
        await server.finish(model.sessions.map(({ id }) => id));
      }
    },
    close: () => server.close(),
  };
}

function withReplayPath(verdict: Verdict, commands: string): Verdict {
  const replayPath = /replayPath="([^"]*)"/.exec(commands)?.[1];
  if (verdict.failure === null || replayPath === undefined) return verdict;
  const { failure } = verdict;
  return { ...verdict, failure: { ...failure, path: `${failure.path}${pathSeparator}${replayPath}` } };
}
