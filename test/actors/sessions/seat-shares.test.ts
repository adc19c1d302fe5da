/**
 * Goal: seats in memory are shared fairly ([LIM25]). Method: principals who take seats, become busy and idle, use and
 * leave them in any order, in a small house; each decision is judged against a list of all seats, kept beside.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HeldSeat, SeatShares } from '../../../actors/sessions/seat-shares.ts';

type Seat = HeldSeat & { readonly number: number; isBusy: boolean };

const isIdle = (seat: Seat) => !seat.isBusy;

/** All seats, least recently used first; whom a decision concerns is looked up the slow way. */
class House {
  readonly shares = new SeatShares<Seat>();
  seats: Seat[] = [];
  readonly #max: number;
  #next = 0;
  readonly counts = { idle: 0, busy: 0, full: 0, free: 0 };

  constructor(max: number) {
    this.#max = max;
  }

  held(holder: string): number {
    return this.seats.filter((seat) => seat.holder === holder).length;
  }

  get most(): number {
    return Math.max(0, ...this.seats.map(({ holder }) => this.held(holder)));
  }

  arrive(holder: string, isBusy: boolean): void {
    if (this.seats.length < this.#max) this.counts.free++;
    else {
      const room = this.shares.room(holder, isIdle);
      this.counts[room.kind]++;
      const idle = this.seats.filter(isIdle);
      switch (room.kind) {
        case 'idle': {
          const most = Math.max(...idle.map((seat) => this.held(seat.holder)));
          expect(isIdle(room.seat)).toBe(true);
          expect(this.held(room.seat.holder)).toBe(most);
          break;
        }
        case 'busy':
          expect(idle).toEqual([]);
          expect(this.held(holder)).toBe(0);
          expect(this.held(room.seat.holder)).toBe(this.most);
          expect(this.most).toBeGreaterThan(1);
          break;
        case 'full':
          expect(idle).toEqual([]);
          expect(this.held(holder) > 0 || this.most <= 1).toBe(true);
          return;
      }
      this.leave(room.seat);
    }
    const seat: Seat = { holder, number: this.#next++, isBusy };
    this.seats.push(seat);
    this.shares.add(seat);
    expect(this.seats.length).toBeLessThanOrEqual(this.#max);
  }

  leave(seat: Seat): void {
    this.seats = this.seats.filter((other) => other !== seat);
    this.shares.remove(seat);
  }

  at(index: number): Seat | undefined {
    return this.seats.length === 0 ? undefined : this.seats[index % this.seats.length];
  }
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('arrive' as const),
      holder: fc.constantFrom('', 'anna', 'ben', 'cleo', 'dora'),
      // Mostly, or a house of six is hardly ever busy all over.
      isBusy: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.boolean() }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('begin', 'end', 'use', 'leave'), seat: fc.nat(20) }),
  },
);

it('[LIM25] a full house never refuses whoever has no seat while somebody has more than one', () => {
  const seen = { idle: 0, busy: 0, full: 0, free: 0 };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 60 }), (max, steps) => {
      const house = new House(max);
      for (const given of steps) {
        if ('holder' in given) house.arrive(given.holder, given.isBusy);
        else {
          const seat = house.at(given.seat);
          if (seat === undefined) continue;
          if (given.do === 'leave') house.leave(seat);
          else if (given.do === 'use') house.shares.use(seat);
          else seat.isBusy = given.do === 'begin';
        }
        expect(house.shares.size).toBe(house.seats.length);
        for (const { holder } of house.seats) expect(house.shares.held(holder)).toBe(house.held(holder));
      }
      for (const kind of ['idle', 'busy', 'full', 'free'] as const) seen[kind] += house.counts[kind];
    }),
    { numRuns: 500 },
  );
  // The run was not vacuous.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

it('[LIM12] where one holder has all seats, the idle one used longest ago leaves, and nobody is thrown out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ use: fc.nat(20), isBusy: fc.boolean() }), { maxLength: 40 }),
      (steps) => {
        const house = new House(4);
        let order: Seat[] = [];
        for (const { use, isBusy } of steps) {
          const used = house.at(use);
          if (used !== undefined) {
            house.shares.use(used);
            order = [...order.filter((seat) => seat !== used), used];
            used.isBusy = isBusy;
          }
          if (house.seats.length < 4) {
            house.arrive('', isBusy);
            order.push(...house.seats.filter((seat) => !order.includes(seat)));
            continue;
          }
          const room = house.shares.room('', isIdle);
          const expected = order.find(isIdle);
          expect(room).toEqual(expected === undefined ? { kind: 'full' } : { kind: 'idle', seat: expected });
          // The busy ones before it count as used now.
          const passed = expected === undefined ? order : order.slice(0, order.indexOf(expected));
          order = [...order.filter((seat) => !passed.includes(seat)), ...passed];
        }
      },
    ),
  );
});
