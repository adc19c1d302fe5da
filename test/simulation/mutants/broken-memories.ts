/** Broken stores, recoveries and tools, for mutants. */
import type { Mutant } from './mutant.ts';

export const namelessStore: Mutant = {
  name: 'a store that forgets the names of commands',
  breaks: 'I10',
  parts: () => ({
    readModel: (readModel) => ({ ...readModel, completedCommand: async () => undefined }),
  }),
};

export const hastyJournal: Mutant = {
  name: 'a journal that answers before it has written',
  breaks: 'I10',
  parts: () => ({
    journal: (journal) => {
      let seq = 0;
      let writing: Promise<unknown> = Promise.resolve();
      return {
        append: async (batch) => {
          writing = writing.then(() => journal.append(batch)).catch(() => {});
          return batch.map(() => ++seq);
        },
      };
    },
  }),
};

export const noRecovery: Mutant = {
  name: 'a process that recovers nothing',
  breaks: 'I11',
  parts: () => ({ recovers: false }),
};

export const forgottenApproval: Mutant = {
  name: 'a store that forgets, once asked after a restart, that a call waits for a person',
  breaks: 'I11',
  parts: () => ({
    readModel: (readModel) => ({
      ...readModel,
      toolCalls: async (turn) =>
        (await readModel.toolCalls(turn)).map((call) =>
          call.status === 'awaitingApproval' ? { ...call, status: 'running' } : call,
        ),
    }),
  }),
};

export const unguardedTool: Mutant = {
  name: 'a tool that needs a person, and runs without one',
  breaks: 'I11',
  parts: () => ({
    tools: (box) => ({
      ...box,
      find: (name) => {
        const tool = box.find(name);
        return tool === undefined ? undefined : { ...tool, requiresApproval: false };
      },
    }),
  }),
};

export const shamefulStore: Mutant = {
  name: 'a store that forgets what turns did that did not end well',
  breaks: 'I14',
  parts: () => ({
    readModel: (readModel) => ({
      ...readModel,
      conversation: async (asked) => {
        const window = await readModel.conversation(asked);
        return window && { ...window, turns: window.turns.filter(({ status }) => status === 'completed') };
      },
    }),
  }),
};

export const steplessStore: Mutant = {
  name: 'a store that forgets between which pieces of text the calls of a turn were made',
  breaks: 'I14',
  parts: () => ({
    readModel: (readModel) => ({
      ...readModel,
      conversation: async (asked) => {
        const window = await readModel.conversation(asked);
        return window && { ...window, turns: window.turns.map((turn) => ({ ...turn, steps: [] })) };
      },
    }),
  }),
};

export const doubleTool: Mutant = {
  name: 'a tool runner that tries twice',
  breaks: 'I11',
  parts: () => ({
    tools: (box) => ({
      ...box,
      find: (name) => {
        const tool = box.find(name);
        if (tool === undefined) return undefined;
        const run: typeof tool.run = (input, given) => {
          void tool.run(input, given).catch(() => {});
          return tool.run(input, given);
        };
        return { ...tool, run };
      },
    }),
  }),
};

export const staleTool: Mutant = {
  name: 'a tool box that keeps the first definition of each tool',
  breaks: 'tools',
  parts: () => ({
    tools: (box) => {
      const first = new Map<string, ReturnType<typeof box.find>>();
      return {
        ...box,
        find: (name) => {
          const found = first.get(name) ?? box.find(name);
          if (found !== undefined) first.set(name, found);
          return found;
        },
      };
    },
  }),
};
