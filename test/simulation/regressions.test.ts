/**
 * Shrunk worlds in which the simulation found a bug, with a comment that says what was wrong. A world is checked as
 * in simulation.test.ts: by every invariant after every step, and at rest.
 */
import { expect, it, vi } from 'vitest';
import { invariants } from './invariants/all.ts';
import type { Step } from './scenario.ts';
import { simulate } from './simulation.ts';

const ask: Step = { do: 'order', kind: 'ask', session: 0, target: 0, named: false, socket: null };
const named: Step = { ...ask, named: true };
const remove: Step = { ...ask, kind: 'delete' };
const flow: Step = { do: 'flow' };
const tick: Step = { do: 'tick' };
const commit: Step = { do: 'commit' };
const reject: Step = { do: 'rejectAppend' };
const says = (text: string): Step => ({ do: 'model', pick: 0, part: { say: 'text', text } });
const finishes: Step = { do: 'model', pick: 0, part: { say: 'finish', tokens: 0 } };

/** The first command creates the session. */
function played(...steps: readonly Step[]): Promise<void> {
  return simulate({ flushIntervalMs: 10, steps: [ask, flow, ...steps] }, { invariants });
}

it('[OUT6] a session whose events were rejected wakes by itself, so that its turn ends', async () => {
  // The rejected actor was stopped, and nothing woke its session before the next command or restart: the turn stayed
  // open in the rows, and its clients saw an agent that thinks for ever.
  await played(ask, flow, finishes, tick, reject);
});

it('[OUT6] a session whose events were rejected wakes by itself also when the store goes away', async () => {
  // It tried once to wake. Its rows could not be read, so it slept until its next command, and its turn stayed open.
  const waits: Step = { do: 'wait', ms: 1000 };
  const hold: Step = { do: 'holdReads' };
  const release: Step = { do: 'releaseReads' };
  await played(ask, flow, finishes, hold, tick, reject, { do: 'storageDown' }, release, waits);
});

it('[OUT6] text of a message that was rejected is not streamed', async () => {
  // Emissions that waited behind the rejected events were published, pieces included: clients got a delta of a
  // message that did not exist.
  await played(ask, flow, says('text'), tick, reject);
});

it('[CMD1] a repeated command gets its answer also while its session is being deleted', async () => {
  // Between the acceptance of the deletion and its commit, every command was refused `not_found`, even a repetition
  // of one that had taken effect.
  await played(named, tick, commit, remove, { do: 'repeat', pick: 0 });
});

it('[CMD1] [I10] a named creation that is not confirmed in time and repeated makes one session', async () => {
  // When a command had waited for `commandWaitMsMax`, its name counted as free, though its events still waited for
  // the journal. The repetition made a second session: its events wait in another lane, and nothing was stored yet.
  const steps: readonly Step[] = [
    { ...named, kind: 'create' },
    { do: 'wait', ms: 10_500 },
    { do: 'repeat', pick: 0 },
  ];
  await simulate({ flushIntervalMs: 0, steps }, { invariants });
});

it('[CMD1] [I10] a message that its id alone names is answered as it is now, also when it was edited', async () => {
  // The invariant took the edited message, which is the answer to a repetition, for another answer.
  const all = { namespaces: 0, session: null };
  const socket: Step = { ...named, socket: 0 };
  const edit = (target: number): Step => ({ ...ask, kind: 'edit', target });
  const join: Step = { do: 'join', who: 0, kind: 'v1', selection: all, native: true, compact: false };
  const repeat: Step = { do: 'repeat', pick: 0 };
  await played(ask, flow, join, flow, socket, flow, edit(0), flow, edit(1), flow, repeat, flow);
});

it('[TRC15] [I11] whoever follows a session hears nothing of a trace that outlives it', async () => {
  // The end of the trace belongs to no session, and the invariant wanted the reader of the session to have heard it.
  const join: Step = {
    do: 'join',
    who: 0,
    kind: 'v1',
    selection: { namespaces: 0, session: 0 },
    native: true,
    compact: false,
  };
  const trace = (kind: 'traceBegin' | 'traceEnd'): Step => ({ ...ask, kind });
  await played(trace('traceBegin'), join, remove, flow, trace('traceEnd'), flow);
});

it('[LIM11] a session that is being deleted takes no more commands than another', async () => {
  // Its seat was given up while commands in it waited to be looked up, and a second seat accepted as many again.
  const note: Step = { ...named, kind: 'note' };
  const burst = (count: number): Step => ({ do: 'burst', session: 0, count });
  await played({ do: 'holdReads' }, remove, note, burst(62), flow, burst(20));
});

it('[V1B1] [V1A4] after a loss, a cursor from before it brings what came since', async () => {
  // A reader lost events to retention while it caught up, and was told `resync`. Its subscription still promised what
  // it had lost, so that subscribing again with a cursor of those events brought none of them, though `resumed` said so.
  const all = { namespaces: 0, session: null };
  const subscribes = (back: number | null): Step => ({ do: 'subscribe', pick: 0, selection: all, back });
  await played(
    { do: 'burst', session: 0, count: 20 },
    { do: 'forget' },
    { do: 'join', who: 0, kind: 'live', selection: all, native: true, compact: false },
    subscribes(20),
    flow,
    subscribes(1),
    subscribes(null),
  );
});

it('[REC1] [STOP1] a session that woke while the server stopped closes its turn once', async () => {
  // Its events were rejected, so it woke from its rows. The stop removed it while they were being read, and a
  // cancellation then woke it again. Both wakings closed its turn.
  const all = { namespaces: 0, session: 0 };
  await played(
    { do: 'holdReads' },
    ask,
    { do: 'join', who: 0, kind: 'v1', selection: all, native: true, compact: false },
    tick,
    commit,
    tick,
    { ...ask, kind: 'cancel', socket: 0 },
    { do: 'stop', graceMs: 0 },
    tick,
    reject,
    { do: 'releaseReads' },
    tick,
    commit,
  );
});

it('[STOP1] a stopping server leaves sessions alone that are deleted already', async () => {
  // XState warns on the console because their actors were sent `park` and `interrupt`.
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  await played(remove, { do: 'stop', graceMs: 0 });
  expect(warn.mock.calls).toEqual([]);
  warn.mockRestore();
});

it('[I11] a command that cannot be looked up is refused, not lost', async () => {
  // The question of an answer to be given again was looked up, which failed while the store was away; then it was
  // looked up whether the command was a repetition, which failed, too, and the door threw instead of refusing.
  await simulate(
    {
      flushIntervalMs: 0,
      steps: [
        ask,
        says(' '),
        ask,
        { do: 'holdReads' },
        { do: 'model', pick: 0, part: { say: 'tool', tool: 'guarded', payload: 'small' } },
        { ...named, kind: 'regenerate' },
        { do: 'storageDown' },
        { do: 'releaseReads' },
        flow,
      ],
    },
    { invariants },
  );
});

it('[I10] a command to the server does not overtake one with a name that is still being looked up', async () => {
  // The registrations of two tools had no names and took effect before the change that was asked for first.
  const steps: readonly Step[] = [
    { do: 'holdReads' },
    { ...ask, kind: 'create' },
    flow,
    { ...named, kind: 'change' },
    { ...ask, kind: 'register' },
    { ...ask, kind: 'register' },
  ];
  await simulate({ flushIntervalMs: 0, steps }, { invariants });
});

it('[TREE29] [PSH13] a message goes together with the pushed answer that was to stand below it', async () => {
  // The answer had no message yet and answers no question, so nothing said that its turn stood there: the turn ran on,
  // and its first text came below a message that was gone.
  const steps: readonly Step[] = [
    { ...ask, kind: 'create' },
    flow,
    ask,
    flow,
    finishes,
    { do: 'agentBegins', session: 0 },
    { ...ask, kind: 'prune' },
  ];
  for (const target of [0, 1]) {
    const pruned = steps.map((step) => (step.do === 'order' ? { ...step, target } : step));
    await simulate({ flushIntervalMs: 0, steps: pruned }, { invariants });
  }
});

it('[I14] [TREE26] the text of an answer that went on is told in the steps that it was said in', async () => {
  // A step's length was counted from the beginning of its turn's text, and read as one of the whole answer: the model
  // that was asked next was told the step's last words after its calls.
  const goesOn: readonly Step[] = [0, 1].map((target) => ({ ...ask, kind: 'goOn', target }));
  const fails: Step = { do: 'model', pick: 0, part: { say: 'error' } };
  const calls: Step = { do: 'model', pick: 0, part: { say: 'tool', tool: 'unknown', payload: 'small' } };
  await played(
    ask,
    flow,
    says('one'),
    tick,
    commit,
    fails,
    flow,
    ...goesOn,
    flow,
    says('two'),
    calls,
    finishes,
    flow,
    says('three'),
    finishes,
    flow,
    ask,
    flow,
  );
});

it('[I4] [PSH5] the reasoning of a pushed answer goes on from what was stored, also when nobody was told of it', async () => {
  // The invariant took only what had been published for what there was. The process had died between the commit and
  // the publishing, so the next one rightly went on behind more.
  const agent = (deed: 'reasoning' | 'text'): Step => ({ do: 'agent', pick: 0, deed, text: 'a word ' });
  const steps: readonly Step[] = [
    { ...ask, kind: 'create' },
    flow,
    { do: 'agentBegins', session: 0 },
    flow,
    agent('reasoning'),
    agent('text'),
    agent('reasoning'),
    tick,
    { do: 'loseAnswer' },
    { do: 'crash', commitsFirst: false },
  ];
  await simulate({ flushIntervalMs: 0, steps }, { invariants });
});

it('[OWN3] a baseline frame about a session of which it cannot be read whose it is is refused, to be sent again', async () => {
  // The store was away when it had to say who may see the session. The frame was refused as `internal`, which says that it
  // is no use to send it again, and the log told of a bug.
  const all = { namespaces: 0, session: null };
  const steps: readonly Step[] = [
    { ...ask, kind: 'create' },
    flow,
    { do: 'crash', commitsFirst: false },
    { do: 'start' },
    flow,
    { do: 'join', kind: 'baseline', who: 0, selection: all, native: true, compact: false },
    { do: 'storageDown' },
    { ...ask, socket: 0 },
    flow,
  ];
  await simulate({ flushIntervalMs: 0, guarded: true, steps }, { invariants });
});
