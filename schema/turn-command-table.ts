/**
 * Every command that an agent addresses to the turn that it pushes: one row for each. The source actor of the turn takes
 * them, as it would take what an engine says (actors/pushed-turns/); the machines hear of what follows.
 */
import type { CommandDescription } from './command-description.ts';

type TurnCommandRow = CommandDescription & {
  /** What identifies a repetition (I10): the sequence numbers of its parts, or its turn, which ends once. */
  readonly namedBy: 'sequence numbers' | 'turn';
};

export const turnCommandTable = {
  'turn.push': {
    scope: 'chat',
    action: 'take part',
    sameOrigin: false,
    namedBy: 'sequence numbers',
    summary:
      'Adds parts to the answer of a turn that an agent pushes: in one body, or one a line while they come.',
    rest: { method: 'POST', path: '/turns/:id/parts' },
    frame: 'turn.push',
  },
  'turn.finish': {
    scope: 'chat',
    action: 'take part',
    sameOrigin: false,
    namedBy: 'turn',
    summary: 'Ends a turn that an agent pushes: its answer is complete.',
    rest: { method: 'POST', path: '/turns/:id/finish' },
    frame: 'turn.finish',
  },
  'turn.fail': {
    scope: 'chat',
    action: 'take part',
    sameOrigin: false,
    namedBy: 'turn',
    summary: 'Ends a turn that an agent pushes: the agent has failed; the text so far is kept.',
    rest: { method: 'POST', path: '/turns/:id/fail' },
    frame: 'turn.fail',
  },
} as const satisfies Readonly<Record<string, TurnCommandRow>>;

export type TurnCommandType = keyof typeof turnCommandTable;
