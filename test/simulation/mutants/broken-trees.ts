/** Breaks in how the tree of messages is kept and looked up, for mutants. */
import type { Mutant } from './mutant.ts';

export const unplacedMessage: Mutant = {
  name: 'a session that forgets to say where a message that waited has its place',
  breaks: 'I15',
  parts: () => ({
    accept:
      ({ accept }) =>
      (emission) => {
        const isPlacement =
          emission.type === 'message.updated' &&
          emission.data.promptId === undefined &&
          emission.data.queueRank === undefined;
        if (!isPlacement) accept(emission);
      },
  }),
};

export const untoldLeaf: Mutant = {
  name: 'a session that moves its leaf and tells nobody',
  breaks: 'I15',
  parts: () => ({
    accept:
      ({ accept }) =>
      (emission) => {
        if (emission.type !== 'branch.selected') accept(emission);
      },
  }),
};

export const shallowPlace: Mutant = {
  name: 'a store that does not know what runs below a message',
  breaks: 'I15',
  parts: () => ({
    readModel: (readModel) => ({
      ...readModel,
      place: async (...asked) => {
        const place = await readModel.place(...asked);
        return place && { ...place, openTurns: [] };
      },
    }),
  }),
};
