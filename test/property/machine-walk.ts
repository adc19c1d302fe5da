/**
 * Walks through a machine: a walk begins in any state in which the machine can begin, and sends events chosen step by
 * step among those that its definition names. XState's own generator of paths rejects machines with `invoke` or
 * `after`.
 *
 * Random choice rarely finds long paths (a full queue, the last model call of a turn), because most events end
 * things. So most steps of a walk are patient: they choose among the events that do not lead to a final state.
 */
import fc from 'fast-check';
import {
  type AnyMachineSnapshot,
  type AnyTransitionDefinition,
  getInitialMicrosteps,
  getMicrosteps,
} from 'xstate';
import { anyInstant } from '../arbitraries/instants.ts';
import { anyText } from '../arbitraries/texts.ts';
import type { Dice, Heard } from './machine-dice.ts';
import type { MachineMap } from './machine-map.ts';
import type { SpokenMachine, Word } from './machine-words.ts';

type StepPlan = {
  /** Selects one of the possible events. */
  readonly pick: number;
  readonly patient: boolean;
  /** How often the event is sent. */
  readonly times: number;
  /** Whether every other event is tried here, too, without effect on the walk. */
  readonly probe: boolean;
  readonly dice: Omit<Dice, 'nth'>;
};

export type Walk = { readonly begin: Omit<Dice, 'nth'>; readonly steps: readonly StepPlan[] };

const dice = fc.record({ at: anyInstant, number: fc.nat(0xffff), flag: fc.boolean(), text: anyText });

const steps = (patience: number) =>
  fc.array(
    fc.record({
      pick: fc.nat(0xffff),
      patient: weighted(patience, true, false),
      times: fc.oneof(
        { weight: 15, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 2, max: 40 }) },
      ),
      probe: weighted(1, true, false),
      dice,
    }),
    { maxLength: 90, size: 'max' },
  );

function weighted<Value>(weight: number, one: Value, other: Value): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: fc.constant(one) }, { weight: 6, arbitrary: fc.constant(other) });
}

export const walk: fc.Arbitrary<Walk> = fc.record({
  begin: dice,
  steps: fc.oneof(steps(2), steps(30), steps(600), steps(600)),
});

/** Walks, marks the map, and reports each event. Throws what the machine throws. */
export function walkThrough(
  spoken: SpokenMachine,
  { begin, steps }: Walk,
  map: MachineMap,
  tell: (event: Heard) => void,
): void {
  const { machine } = spoken;
  const started = getInitialMicrosteps(machine, spoken.input({ ...begin, nth: 1 }) as never);
  const snapshots = started.map(([snapshot]) => snapshot as AnyMachineSnapshot);
  map.note([], snapshots);
  let last = snapshots.at(-1);
  for (const [index, step] of steps.entries()) {
    // A finished actor receives nothing more.
    if (last === undefined || last.status !== 'active') return;
    const first = index * 100;
    if (step.probe) probe(spoken, { ...step.dice, nth: first }, last, tell);
    const word = chosenWord(spoken, step, first, last);
    for (let time = 0; time < step.times && last.status === 'active'; time++) {
      const event = word({ ...step.dice, nth: first + time }, last);
      const enabled = machine.getTransitionData(last, event as never);
      tell(event);
      last = heardBy(spoken, last, event, (passed) => map.note(enabled, passed));
    }
  }
}

/** Checks that no event in any state throws. */
function probe(
  spoken: SpokenMachine,
  dice: Dice,
  snapshot: AnyMachineSnapshot,
  tell: (event: Heard) => void,
): void {
  const events = [...spoken.words.values()].map((word) => word(dice, snapshot));
  for (const event of [...events, { type: 'nobody.says' }]) {
    tell(event);
    heardBy(spoken, snapshot, event);
  }
}

function heardBy(
  { machine }: SpokenMachine,
  snapshot: AnyMachineSnapshot,
  event: Heard,
  note: (passed: readonly AnyMachineSnapshot[]) => void = () => {},
): AnyMachineSnapshot {
  const passed = getMicrosteps(machine, snapshot as never, event as never).map(
    ([after]) => after as AnyMachineSnapshot,
  );
  note(passed);
  const after = passed.at(-1) ?? snapshot;
  if (after.status === 'error') {
    throw new Error(
      `${machine.id} breaks at ${event.type} in ${JSON.stringify(snapshot.value)}: ${after.error}`,
    );
  }
  return after;
}

function chosenWord(
  { machine, words }: SpokenMachine,
  step: StepPlan,
  nth: number,
  snapshot: AnyMachineSnapshot,
): Word {
  const leadsOn = (word: Word) => {
    const event = word({ ...step.dice, nth }, snapshot);
    const enabled: readonly AnyTransitionDefinition[] = machine.getTransitionData(snapshot, event as never);
    return enabled.length > 0 && !enabled.some(({ target }) => target?.some((node) => node.type === 'final'));
  };
  const all = [...words.values()];
  const patient = step.patient ? all.filter(leadsOn) : [];
  const among = patient.length > 0 ? patient : all;
  const word = among[step.pick % among.length];
  if (word === undefined) throw new Error(`${machine.id} has no words`);
  return word;
}
