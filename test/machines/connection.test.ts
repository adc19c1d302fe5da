/** The decisions of a connection, as a table and as properties over event sequences. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type ConnectionEvent,
  type ConnectionPhase,
  connectionEvents,
  connectionPhases,
  nextConnection,
} from '../../machines/connection.ts';

/** The driver's state after carrying out the orders. */
function followed(sequence: readonly ConnectionEvent[]) {
  let phase: ConnectionPhase = 'live';
  const driver = { onTopics: true, timer: false, turns: 0, closed: 0 };
  for (const event of sequence) {
    const [next, orders] = nextConnection(phase, event);
    phase = next;
    for (const order of orders) {
      if (order === 'enterTopics') driver.onTopics = true;
      if (order === 'leaveTopics') driver.onTopics = false;
      if (order === 'takeTurn') driver.turns++;
      if (order === 'startStallTimer') driver.timer = true;
      if (order === 'stopStallTimer') driver.timer = false;
      if (order === 'closeTransport') driver.closed++;
    }
  }
  return { phase, ...driver };
}

it('[V1D1] [V1D3] [V1B1] decides this, and nothing else', () => {
  const away = ['leaveTopics', 'stopStallTimer'];
  const decisions: Record<ConnectionPhase, Record<ConnectionEvent, readonly [ConnectionPhase, string[]]>> = {
    live: {
      'replay.wanted': ['catchingUp', ['takeTurn']],
      'replay.continued': ['live', []],
      'replay.finished': ['live', []],
      'budget.exceeded': ['behind', ['leaveTopics', 'startStallTimer']],
      drained: ['live', []],
      stalled: ['live', []],
      abandoned: ['closed', [...away, 'closeTransport']],
      gone: ['closed', away],
    },
    catchingUp: {
      'replay.wanted': ['catchingUp', []],
      'replay.continued': ['catchingUp', ['takeTurn']],
      'replay.finished': ['live', ['enterTopics']],
      'budget.exceeded': ['behind', ['leaveTopics', 'startStallTimer']],
      drained: ['catchingUp', []],
      stalled: ['catchingUp', []],
      abandoned: ['closed', [...away, 'closeTransport']],
      gone: ['closed', away],
    },
    behind: {
      'replay.wanted': ['behind', []],
      'replay.continued': ['behind', []],
      'replay.finished': ['behind', []],
      'budget.exceeded': ['behind', []],
      drained: ['catchingUp', ['stopStallTimer', 'takeTurn']],
      stalled: ['closed', ['closeTransport']],
      abandoned: ['closed', [...away, 'closeTransport']],
      gone: ['closed', away],
    },
    closed: {
      'replay.wanted': ['closed', []],
      'replay.continued': ['closed', []],
      'replay.finished': ['closed', []],
      'budget.exceeded': ['closed', []],
      drained: ['closed', []],
      stalled: ['closed', []],
      abandoned: ['closed', []],
      gone: ['closed', []],
    },
  };
  for (const phase of connectionPhases) {
    for (const event of connectionEvents) {
      expect(nextConnection(phase, event), `${phase}, ${event}`).toEqual(decisions[phase][event]);
    }
  }
});

it('[V1D1] falls behind, drains, catches up and is live again', () => {
  expect(nextConnection('live', 'budget.exceeded')).toEqual(['behind', ['leaveTopics', 'startStallTimer']]);
  expect(nextConnection('behind', 'drained')).toEqual(['catchingUp', ['stopStallTimer', 'takeTurn']]);
  expect(nextConnection('catchingUp', 'replay.continued')).toEqual(['catchingUp', ['takeTurn']]);
  expect(nextConnection('catchingUp', 'replay.finished')).toEqual(['live', ['enterTopics']]);
});

it('[V1D1] falls behind while it catches up', () => {
  expect(nextConnection('catchingUp', 'budget.exceeded')).toEqual([
    'behind',
    ['leaveTopics', 'startStallTimer'],
  ]);
  expect(nextConnection('behind', 'replay.finished')).toEqual(['behind', []]);
  expect(nextConnection('behind', 'replay.wanted')).toEqual(['behind', []]);
});

it('[V1D3] is closed when it stays behind, and only then', () => {
  expect(nextConnection('behind', 'stalled')).toEqual(['closed', ['closeTransport']]);
  for (const phase of ['live', 'catchingUp', 'closed'] as const) {
    expect(nextConnection(phase, 'stalled')).toEqual([phase, []]);
  }
});

it('[V1D1] [V1D3] whatever happens: behind means off the topics with a timer, closed is closed once and for good', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...connectionEvents), { maxLength: 30 }), (sequence) => {
      const { phase, onTopics, timer, closed } = followed(sequence);
      if (phase === 'live') expect(onTopics).toBe(true);
      if (phase === 'behind') expect(onTopics).toBe(false);
      if (phase !== 'closed') expect(timer).toBe(phase === 'behind');
      expect(closed).toBeLessThanOrEqual(1);
      if (phase === 'closed') {
        for (const event of connectionEvents) expect(nextConnection(phase, event)).toEqual(['closed', []]);
      }
    }),
  );
});

it('[V1D1] from every phase but closed there is a way back to live', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...connectionEvents.slice(0, 5)), { maxLength: 30 }), (sequence) => {
      expect(followed([...sequence, 'drained', 'replay.finished']).phase).toBe('live');
    }),
  );
});
