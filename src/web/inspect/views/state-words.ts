/** Texts that describe actors. */
import type { ActorKind, ActorView } from '../../../../schema/actor-view.ts';
import type { BadgeTone } from '../../design/badge.tsx';
import { shortened } from '../chart/chart-words.ts';
import { nameOfPath } from '../log/sequence.ts';
import { lastPart } from '../tree/actor-tree.ts';
import type { Urgency } from '../tree/attention.ts';

export const kindWords: Readonly<Record<ActorKind, string>> = {
  session: 'session',
  turn: 'turn',
  answer: 'answer',
  engine: 'engine',
  source: 'source',
  toolCall: 'tool call',
  toolRunner: 'tool runner',
  trace: 'trace',
  clientTrace: 'trace of a client',
  runtimeConfig: 'config',
  toolRegistry: 'tools',
  other: 'actor',
};

/** Here, because the list of the schema comes with its validator, which no page needs. */
export const kindChoices = Object.keys(kindWords) as readonly ActorKind[];

export const urgencyTones: Readonly<Record<Urgency, BadgeTone>> = {
  error: 'bad',
  waiting: 'warn',
  working: 'good',
  quiet: 'neutral',
};

/** What a session is normally: it need not be said. */
const usual = ['active', 'taking'];

/** The innermost active states: `archived, idle`. */
export function stateText({ states, status }: ActorView): string {
  const inner = states.filter((path) => path !== '' && !states.some((other) => other.startsWith(`${path}.`)));
  const names = inner.map(lastPart);
  const telling = names.length > 1 ? names.filter((name) => !usual.includes(name)) : names;
  return telling.length === 0 ? status : telling.join(', ');
}

/** `tool call clock`, or only the kind of an actor without a name. */
export function titleOf({ kind, label }: ActorView): string {
  const word = kindWords[kind];
  return label === '' || label === kind || label === word ? word : label;
}

/** The name of an actor in the log, which may have ended. */
export function nameOfActor(id: string, actors: ReadonlyMap<string, ActorView>): string {
  const view = actors.get(id);
  if (view?.kind === 'toolCall') return titleOf(view);
  return nameOfPath(id);
}

/** `turn 4d1f0a7e`. */
export function shortPath(id: string): string {
  return shortened(id.slice(id.lastIndexOf('/') + 1)).replace('.', ' ');
}

/** `34 pieces, step 2`. */
export function countsText(counts: ActorView['counts']): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${words(name)} ${count.toLocaleString('en')}`)
    .join(' · ');
}

/** `textUnits` → `text units`. */
function words(name: string): string {
  return name.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
}
