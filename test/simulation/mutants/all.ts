/** Every mutant; each invariant has at least one. */
import { lingeringMember, openDoor, openResume, tellingRefusal } from './broken-access.ts';
import { hiddenBacklog, holedLog, impatientDoor, skippingCatchUp } from './broken-gateways.ts';
import {
  doubleTool,
  forgottenApproval,
  hastyJournal,
  namelessStore,
  noRecovery,
  shamefulStore,
  staleTool,
  steplessStore,
  unguardedTool,
} from './broken-memories.ts';
import {
  afterlife,
  backwardTrace,
  endlessThought,
  forgetful,
  halvedPair,
  overtaking,
  premature,
  repeatedResult,
  staleSnapshot,
  twiceTold,
} from './broken-outboxes.ts';
import { shallowPlace, unplacedMessage, untoldLeaf } from './broken-trees.ts';
import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  overtaking,
  premature,
  skippingCatchUp,
  holedLog,
  forgetful,
  staleSnapshot,
  repeatedResult,
  backwardTrace,
  afterlife,
  endlessThought,
  halvedPair,
  namelessStore,
  hastyJournal,
  impatientDoor,
  noRecovery,
  doubleTool,
  forgottenApproval,
  unguardedTool,
  hiddenBacklog,
  openResume,
  lingeringMember,
  openDoor,
  tellingRefusal,
  shamefulStore,
  steplessStore,
  unplacedMessage,
  untoldLeaf,
  shallowPlace,
  twiceTold,
  staleTool,
];
