/** Any chart that a machine could have: nested and parallel states, transitions between any two of them. */
import fc from 'fast-check';
import type { ChartState, ChartTransition, MachineChart } from '../../../../../schema/machine-chart.ts';

type Nest = {
  readonly parallel: boolean;
  readonly final: boolean;
  readonly invokes: boolean;
  readonly inner: readonly Nest[];
};

const nest: fc.Arbitrary<Nest> = fc.letrec<{ nest: Nest }>((tie) => ({
  nest: fc.record({
    parallel: fc.boolean(),
    final: fc.boolean(),
    invokes: fc.boolean(),
    inner: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constant([]),
      fc.array(tie('nest'), { minLength: 1, maxLength: 3 }),
    ),
  }),
})).nest;

/** Names that are difficult to escape. */
const words = fc.constantFrom(
  'go',
  'engine.began',
  'state',
  'a:b',
  'x"y',
  '<i>',
  'end',
  'ünï',
  'done.*',
  'a;b',
  '%%',
);

const link = fc.record({
  from: fc.nat(),
  to: fc.option(fc.nat()),
  word: words,
  guard: fc.option(words),
  trigger: fc.constantFrom('event', 'always', 'after', 'done', 'error') as fc.Arbitrary<
    ChartTransition['trigger']
  >,
});

export const machineChart: fc.Arbitrary<MachineChart> = fc
  .tuple(fc.array(nest, { minLength: 1, maxLength: 4 }), fc.array(link, { maxLength: 12 }))
  .map(([inner, links]) => {
    const states: ChartState[] = [];
    visit({ parallel: false, final: false, invokes: false, inner }, '', null, states);
    const transitions = links.map(({ from, to, word, guard, trigger }, index): ChartTransition => {
      const source = states[from % states.length]?.path ?? '';
      const target = to === null ? null : (states[1 + (to % (states.length - 1))]?.path ?? null);
      return {
        id: `${source}:${word}:${index}`,
        source,
        event: trigger === 'always' ? '' : word,
        trigger,
        delay: trigger === 'after' ? 100 : null,
        targets: target === null ? [] : [target],
        guard,
        actions: [word],
        reenter: false,
      };
    });
    return { id: 'machine', kind: 'machine' as const, states, transitions };
  });

function visit(nested: Nest, path: string, parent: string | null, states: ChartState[]): void {
  const paths = nested.inner.map((_, index) => (path === '' ? `s${index}` : `${path}.s${index}`));
  const isCompound = nested.inner.length > 0;
  states.push({
    path,
    key: path === '' ? 'machine' : (path.split('.').at(-1) ?? ''),
    parent,
    type: isCompound ? (nested.parallel ? 'parallel' : 'compound') : nested.final ? 'final' : 'atomic',
    initial: isCompound && !nested.parallel ? (paths[0] ?? null) : null,
    description: null,
    tags: [],
    entry: ['enter'],
    exit: [],
    invokes: nested.invokes ? [{ id: 'worker', src: 'worker' }] : [],
  });
  for (const [index, inner] of nested.inner.entries()) visit(inner, paths[index] ?? '', path, states);
}
