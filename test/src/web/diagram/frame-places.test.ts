/**
 * The places for frames of diagrams. Goal: never more live than may, and nobody who is near waits while a place is free or
 * held by somebody away. Method: what the seekers do is generated.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FramePlaces, type FrameSeeker, framesMax } from '../../../../src/web/diagram/frame-places.ts';

const doing = fc.tuple(
  fc.constantFrom('near', 'away', 'leave', 'restart'),
  fc.nat({ max: 2 * framesMax - 1 }),
);

it('[WEB4] at most a few frames of diagrams live, those near the visible part first', () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 60 }), (steps) => {
      const places = new FramePlaces();
      const live = new Set<number>();
      const seekers = Array.from(
        { length: 2 * framesMax },
        (_, at): FrameSeeker => ({
          isNear: false,
          placed: (hasPlace) => (hasPlace ? live.add(at) : live.delete(at)),
        }),
      );
      for (const [what, at] of steps) {
        const [seeker] = seekers.slice(at);
        if (seeker === undefined) throw new Error('no such seeker');
        if (what === 'restart') {
          places.pause();
          places.near(seeker);
          expect(live.size).toBe(0);
          places.resume();
        } else {
          places[what](seeker);
          // Its component is gone: it hears of it no more.
          if (what === 'leave') live.delete(at);
        }
        expect(live.size).toBeLessThanOrEqual(framesMax);
        const waits = seekers.some(({ isNear }, index) => isNear && !live.has(index));
        const isIdle = [...live].some((index) => seekers[index]?.isNear !== true);
        if (waits) expect([live.size, isIdle]).toEqual([framesMax, false]);
      }
    }),
  );
});
