/** Lives of a session: what people, the model, tools and the machine do, drawn at random. */
import fc from 'fast-check';

const pick = fc.nat({ max: 7 });
const word = fc.constantFrom('so', 'then', 'done', 'half of it', 'two\nlines', '😀 yes');
/** Text that nobody can see, or that is seen only in part. */
const blank = fc.constantFrom(' ', '\n\n ', '\t');
const text = fc.oneof({ weight: 7, arbitrary: word }, { weight: 2, arbitrary: blank });

/** How a tool of the scripted world behaves. */
export const toolNames = ['ready', 'slow', 'refused', 'guarded', 'unknown'] as const;

const move = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      text,
      role: fc.constantFrom('user', 'user', 'user', 'user', 'system', 'developer'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('store' as const),
      text,
      role: fc.constantFrom('assistant', 'tool'),
    }),
  },
  { weight: 14, arbitrary: fc.record({ do: fc.constant('say' as const), text }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('call' as const), tool: fc.constantFrom(...toolNames) }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      wantsBack: fc.boolean(),
      reason: fc.constantFrom('stop', 'stop', 'stop', 'length', 'content-filter'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('refuse' as const),
      code: fc.constantFrom('invalid_request', 'context_too_long'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('fail' as const, 'break' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('result' as const),
      pick,
      isWell: fc.boolean(),
      isBlank: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('decide' as const), pick, approve: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick: fc.option(pick) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
);

export type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never;
export type MoveOf<Do extends Move['do']> = Extract<Move, { do: Do }>;

export type Life = { readonly moves: readonly Move[]; readonly contextTokensMax: number };

export const life: fc.Arbitrary<Life> = fc.record({
  moves: fc.array(move, { minLength: 1, maxLength: 60, size: 'max' }),
  contextTokensMax: fc.oneof(
    { weight: 2, arbitrary: fc.constant(100_000) },
    { weight: 1, arbitrary: fc.integer({ min: 20, max: 400 }) },
  ),
});

/** However it went, an ordinary question gets an ordinary answer. */
export const ordinaryEnd: readonly Move[] = [
  { do: 'cancel', pick: null },
  { do: 'ask', text: 'so', role: 'user' },
  { do: 'say', text: 'done' },
  { do: 'finish', wantsBack: false, reason: 'stop' },
];
