/** When a tortured server kills itself: at a commit, where a crash does the most harm. */
import type { Journal } from '../../actors/ports.ts';

/**
 * `after`: the transaction with the event has committed, and nothing has been answered. `before`: it was about to
 * begin. Events are counted over the life of one process, from 1.
 */
export type KillPlan = { readonly when: 'before' | 'after'; readonly event: number };

export function planText(plan: KillPlan): string {
  return `${plan.when}:${plan.event}`;
}

export function planOf(text: string | undefined): KillPlan | null {
  const found = /^(before|after):(\d+)$/.exec(text ?? '');
  if (found === null) return null;
  return { when: found[1] === 'before' ? 'before' : 'after', event: Number(found[2]) };
}

/** `kill` must not return. */
export function killing(journal: Journal, plan: KillPlan, kill: () => never): Journal {
  let events = 0;
  return {
    append: async (batch) => {
      const holdsEvent = events < plan.event && events + batch.length >= plan.event;
      events += batch.length;
      if (holdsEvent && plan.when === 'before') kill();
      const seqs = await journal.append(batch);
      if (holdsEvent) kill();
      return seqs;
    },
  };
}
