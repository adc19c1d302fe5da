/** The arguments and results of simulated calls: long ones, and ones that are no JSON. */
import fc from 'fast-check';
import { limits } from '../../schema/limits.ts';

const edge = 'x'.repeat(limits.previewUnitsMax - 1);

/** Arguments and results. */
export const payload = fc.constantFrom(
  'small',
  'pairAtEdge',
  'long',
  'lone',
  'cyclic',
  'throwing',
  'nothing',
  'deep',
  'exact',
);
export type Payload = typeof payload extends fc.Arbitrary<infer Value> ? Value : never;

export function payloadOf(kind: Payload, mark: string): unknown {
  switch (kind) {
    case 'small':
      return mark;
    case 'pairAtEdge':
      return `${edge.slice(mark.length)}${mark}😀 and more`;
    case 'long':
      return { mark, text: edge };
    case 'lone':
      return `${mark}\ud83d`;
    case 'cyclic': {
      const cycle: Record<string, unknown> = { mark };
      cycle['self'] = cycle;
      return cycle;
    }
    case 'throwing':
      return {
        toJSON: () => {
          throw new Error('no JSON');
        },
        toString: () => {
          throw new Error('no text');
        },
      };
    case 'nothing':
      return undefined;
    case 'deep':
      return JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
    case 'exact':
      return { mark, id: JSON.rawJSON('12345678901234567890') };
  }
}
