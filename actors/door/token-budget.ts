/**
 * What principals may spend in a day: the tokens of all turns that they had begin ([LIM28]). The store counts them, with
 * the end of each turn; this keeps the counts of those who are active. A running answer is never cut off by it.
 */
import { ownerKey, type SessionOwner } from '../../schema/authorization.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { isLimitKind, type LimitKind, limitRefusal } from '../../schema/limit-kind.ts';
import { limits } from '../../schema/limits.ts';
import { type Refusal, refusal } from '../../schema/refusal.ts';
import { type Day, dayOf, msToNextDay } from '../../schema/token-spending.ts';
import type { Clock, ReadModel } from '../ports.ts';

export type TokenLimit = {
  /** Tokens of one principal in a day of UTC; 0: no bound. */
  readonly perDayMax: () => number;
  readonly refused: (kind: LimitKind, principal: SessionOwner) => void;
};

export type TokenBudgetOptions = {
  readonly readModel: Pick<ReadModel, 'tokensSpent'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent: nobody is limited. */
  readonly tokenLimit?: TokenLimit | undefined;
};

type Reading = { readonly spent: Promise<number>; isStale: boolean };

export class TokenBudget {
  readonly #options: TokenBudgetOptions;
  /** Those used last are at the end. */
  readonly #known = new Map<string, { readonly day: Day; readonly tokens: number }>();
  /** Reads under way; one that a turn's end has overtaken is repeated. */
  readonly #reading = new Map<string, Reading>();

  constructor(options: TokenBudgetOptions) {
    this.#options = options;
  }

  /**
   * Why the principal may have no turn begin today, or `null`. Answers at once what it knows, so that commands keep their
   * order.
   */
  refusal(principal: SessionOwner | undefined): Refusal | null | Promise<Refusal | null> {
    const { tokenLimit, clock } = this.#options;
    const max = tokenLimit?.perDayMax() ?? 0;
    if (tokenLimit === undefined || max === 0 || principal === undefined) return null;
    const now = clock.now();
    const judge = (spent: number): Refusal | null => {
      if (spent < max) return null;
      return limitRefusal('tokens_per_day', `You have used up your ${max} tokens of today`, msToNextDay(now));
    };
    const key = ownerKey(principal);
    const known = this.#known.get(key);
    if (known?.day === dayOf(now)) return judge(known.tokens);
    return this.#read(principal, key, dayOf(now)).then(judge, () => unreadable);
  }

  /** Counts a refusal that was passed on. */
  refused(principal: SessionOwner, { code }: Refusal): void {
    if (isLimitKind(code)) this.#options.tokenLimit?.refused(code, principal);
  }

  /** Takes an event after its commit. */
  committed(event: JournaledEvent): void {
    if (event.type !== 'turn.ended' || event.data.spent === undefined) return;
    const { tokens, ...payer } = event.data.spent;
    const key = ownerKey(payer);
    const reading = this.#reading.get(key);
    if (reading !== undefined) reading.isStale = true;
    const known = this.#known.get(key);
    if (known?.day === dayOf(event.at)) this.#keep(key, known.day, known.tokens + tokens);
  }

  async #read(principal: SessionOwner, key: string, day: Day): Promise<number> {
    const underWay = this.#reading.get(key);
    if (underWay !== undefined) return await underWay.spent;
    const reading: Reading = { spent: this.#readWhole(principal, key, day), isStale: false };
    this.#reading.set(key, reading);
    try {
      return await reading.spent;
    } finally {
      this.#reading.delete(key);
    }
  }

  async #readWhole(principal: SessionOwner, key: string, day: Day): Promise<number> {
    for (;;) {
      const tokens = await this.#options.readModel.tokensSpent(principal, day);
      const reading = this.#reading.get(key);
      if (reading?.isStale === true) {
        reading.isStale = false;
        continue;
      }
      this.#keep(key, day, tokens);
      return tokens;
    }
  }

  #keep(key: string, day: Day, tokens: number): void {
    this.#known.delete(key);
    this.#known.set(key, { day, tokens });
    if (this.#known.size <= limits.tokenSpendersMax) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}

const unreadable = refusal('unavailable', 'The database is unavailable; try again');
