/** An invariant as a program: it receives every fact, and throws at one that must not happen. */
import type { Fact } from './facts.ts';
import type { History } from './history.ts';
import type { Truth } from './truth.ts';

export const invariantNames = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
  'I13',
  'I14',
  'I15',
  'tools',
  'calm',
] as const;
/** `tools` and `calm` are not in docs/invariants.md: rules RTL, and that the system reports no bug of its own. */
export type InvariantName = (typeof invariantNames)[number];

export type Invariant = {
  readonly name: InvariantName;
  /** What must hold, in the words of docs/invariants.md. */
  readonly says: string;
  /** Watches one world. */
  readonly watch: (history: History, truth: Truth) => Watch;
};

export type Watch = {
  /** Called with each fact, after the step in which it happened. `history` includes all facts of that step. */
  readonly hear?: (fact: Fact) => void;
  /** Called after each step. */
  readonly look?: () => void;
  /** Called when all faults have ended and nothing moves any more. */
  readonly rest?: () => void;
};

export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
  readonly invariant: InvariantName;

  constructor(invariant: InvariantName, what: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

/** `holds(condition, what)` of one invariant: throws {@link InvariantBroken}. */
export type Holds = (condition: boolean, what: () => string) => asserts condition;

export function holdsOf(invariant: InvariantName): Holds {
  return (condition, what) => {
    if (!condition) throw new InvariantBroken(invariant, what());
  };
}
