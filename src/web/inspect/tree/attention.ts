/** Ranks actors by how much they need a person's attention, and says why. */
import type { ActorView } from '../../../../schema/actor-view.ts';

/**
 * - `error`: it failed, or died.
 * - `waiting`: it waits for a person.
 * - `working`: it is in a state that it should leave by itself.
 * - `quiet`: it is idle, or has ended.
 */
export type Urgency = 'error' | 'waiting' | 'working' | 'quiet';

/** Waiting ranks above an error: a person can resolve it at once, while a failure stays as it is. */
const ranks: Readonly<Record<Urgency, number>> = { waiting: 3, error: 2, working: 1, quiet: 0 };

/** States of a session in which work is in progress. */
const sessionWorks = ['waking', 'open.activity.responding', 'deleting'];

export function urgencyOf({ kind, status, states }: ActorView): Urgency {
  // A trace whose client failed is nobody's fault here.
  if (kind === 'clientTrace') return states.includes('running') ? 'working' : 'quiet';
  if (status === 'error' || states.includes('failed')) return 'error';
  if (states.some((path) => path.endsWith('awaitingApproval'))) return 'waiting';
  if (status !== 'active' || kind === 'runtimeConfig' || kind === 'toolRegistry') return 'quiet';
  if (kind === 'session') return states.some((path) => sessionWorks.includes(path)) ? 'working' : 'quiet';
  return 'working';
}

export type Attention = { readonly urgency: Urgency; readonly since: number };

/** The more urgent one; of two equally urgent ones, the one that has lasted longer. */
export function moreUrgent(one: Attention, other: Attention): Attention {
  return compareAttention(one, other) <= 0 ? one : other;
}

/** Orders by urgency, most urgent first. */
export function compareAttention(one: Attention, other: Attention): number {
  return ranks[other.urgency] - ranks[one.urgency] || one.since - other.since;
}

export function attentionOf(view: ActorView): Attention {
  return { urgency: urgencyOf(view), since: view.since ?? Number.POSITIVE_INFINITY };
}
