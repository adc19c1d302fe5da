/** What a model is told of a session's life, as a property that is run by name. */
import { cases } from '../effort.ts';
import { type NamedProperty, namedProperty } from '../named-property.ts';
import { life } from './history/life.ts';
import { LivedLife } from './history/lived-life.ts';

export const history: NamedProperty = namedProperty({
  name: 'history',
  promises:
    'Whatever became of the turns before, a model is given what happened, in its order: each call with its one result.',
  rules: ['I14', 'HIS1', 'HIS2', 'HIS3', 'HIS4', 'MDL6'],
  runs: cases({ quick: 200, full: 1000 }),
  values: life,
  open: () => {
    const counts = { 'model calls': 0, 'bounded model calls': 0 };
    return {
      check: async (given) => {
        const lived = new LivedLife(given);
        await lived.live();
        counts['model calls'] += lived.counts.models;
        counts['bounded model calls'] += lived.counts.bounded;
      },
      script: ({ moves, contextTokensMax }) => [
        `room for ${contextTokensMax} tokens`,
        ...moves.map((move) => JSON.stringify(move)),
      ],
      counts: () => counts,
    };
  },
});
