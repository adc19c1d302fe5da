/** A mutant: the system with one part broken on purpose, so that an invariant must break. The test of the tests. */
import type { InvariantName } from '../invariant.ts';
import type { Parts } from '../parts.ts';

export type Mutant = {
  readonly name: string;
  readonly breaks: InvariantName;
  /** The broken part of one world. */
  readonly parts: () => Parts;
};
