/** The table of what principals have spent, as a list. */
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import { limits } from '../../schema/limits.ts';
import { type Day, dayOf, firstDayKept, type SpentTokens } from '../../schema/token-spending.ts';

export class MemorySpending {
  #rows: readonly (SpentTokens & { readonly day: Day })[] = [];

  note({ data: { spent }, at }: DomainEventOf<'turn.ended'>): void {
    if (spent === undefined) return;
    const day = dayOf(at);
    this.#rows = [...this.#rows.filter((row) => row.day >= firstDayKept(day)), { ...spent, day }];
  }

  of(principal: SessionOwner, day: Day): number {
    const own = this.#rows.filter((row) => row.day === day && ownerKey(row) === ownerKey(principal));
    return own.reduce((sum, { tokens }) => Math.min(limits.dayTokensMax, sum + tokens), 0);
  }
}
