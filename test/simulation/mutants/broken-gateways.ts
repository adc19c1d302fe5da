/** Broken connections and doors, for mutants. */
import type { Mutant } from './mutant.ts';

export const skippingCatchUp: Mutant = {
  name: 'a catch-up that passes over the first event of each batch',
  breaks: 'I3',
  parts: () => ({
    sink: (sink) => {
      let isFirst = false;
      return {
        ...sink,
        batch: (run) => {
          isFirst = true;
          sink.batch(run);
          isFirst = false;
        },
        send: (frame, seq) => {
          const skips = isFirst && seq !== undefined;
          isFirst = false;
          if (!skips) sink.send(frame, seq);
        },
      };
    },
  }),
};

export const holedLog: Mutant = {
  name: 'an event log that leaves out the second event of each page',
  breaks: 'I3',
  parts: () => ({
    eventLog: (eventLog) => ({
      ...eventLog,
      read: async (query) => (await eventLog.read(query)).filter((_, index) => index !== 1),
    }),
  }),
};

export const silentReturn: Mutant = {
  name: 'snapshots that do not say the numbers of their texts',
  breaks: 'I4',
  parts: () => ({
    sink: (sink) => ({
      ...sink,
      send: (frame, seq) =>
        sink.send(frame.includes('"snapshot":true') ? frame.replace(/,"number":\d+/, '') : frame, seq),
    }),
  }),
};

export const sharedNumber: Mutant = {
  name: 'one number for all texts',
  breaks: 'I4',
  parts: () => ({
    sink: (sink) => ({
      ...sink,
      send: (frame, seq) =>
        sink.send(frame.replace(/"number":\d+\}$/, '"number":1}').replace(/^\[\d+/, '[1'), seq),
    }),
  }),
};

export const hiddenBacklog: Mutant = {
  name: 'a socket that hides what it has not sent',
  breaks: 'I12',
  parts: () => ({ sink: (sink) => ({ ...sink, bufferedBytes: () => 0 }) }),
};

export const impatientDoor: Mutant = {
  name: 'a door that lets every other message wait a moment',
  breaks: 'I10',
  parts: () => ({
    door: (door) => {
      let messages = 0;
      return {
        ...door,
        addMessage: async (...given) => {
          if (++messages % 2 === 1) for (let turns = 0; turns < 20; turns++) await null;
          return door.addMessage(...given);
        },
      };
    },
  }),
};
