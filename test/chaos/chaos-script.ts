/** The actions of clients while the network misbehaves, which fast-check generates and shrinks. */
import fc from 'fast-check';

export type ChaosAction =
  /** A message with a rehearsed answer, from the client behind the proxy or from the undisturbed one. */
  | {
      readonly kind: 'send';
      readonly by: 'disturbed' | 'control';
      readonly session: number;
      readonly directives: string;
    }
  | { readonly kind: 'cancel'; readonly by: 'disturbed' | 'control'; readonly session: number }
  /** Changes the tree of messages, or the queue: `which` chooses a message. The server may refuse it. */
  | {
      readonly kind: 'change';
      readonly by: 'disturbed' | 'control';
      readonly session: number;
      readonly change: 'regenerate' | 'edit' | 'select' | 'delete' | 'sendNow';
      readonly which: number;
    }
  /** Waits until the control client has received so many more frames, or one that ends a turn. */
  | { readonly kind: 'listen'; readonly frames: number }
  /** Cuts every connection of the disturbed client. */
  | { readonly kind: 'cut' }
  /** The disturbed client opens another stream of events, of one session or of all. */
  | { readonly kind: 'join'; readonly session: number | undefined }
  /** The disturbed client closes the stream that it opened last. */
  | { readonly kind: 'leave' }
  /** The disturbed client closes a session's handle and opens a new one. */
  | { readonly kind: 'reopen'; readonly session: number };

const session = fc.nat({ max: 1 });
const by = fc.constantFrom('disturbed', 'control');

const directives = fc
  .record({
    tokens: fc.integer({ min: 0, max: 60 }),
    delay: fc.constantFrom(0, 0, 1, 1, 2),
    think: fc.constantFrom(0, 0, 0, 3),
    more: fc.constantFrom('', '', '', ' tool=clock', ' fail=mid', ' fail=503'),
  })
  .map(
    ({ tokens, delay, think, more }) =>
      `[[tokens=${tokens} delay=${delay}${think === 0 ? '' : ` think=${think}`}${more}]]`,
  );

const send: fc.Arbitrary<ChaosAction> = fc.record({
  kind: fc.constant('send'),
  by,
  session,
  directives,
});

const action: fc.Arbitrary<ChaosAction> = fc.oneof(
  { weight: 5, arbitrary: send },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel'), by, session }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change'),
      by,
      session,
      change: fc.constantFrom('regenerate', 'edit', 'select', 'select', 'delete', 'sendNow'),
      which: fc.nat({ max: 20 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('listen'), frames: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 3, arbitrary: fc.constant<ChaosAction>({ kind: 'cut' }) },
  { weight: 1, arbitrary: fc.constant<ChaosAction>({ kind: 'leave' }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopen'), session }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('join'), session: fc.option(session, { nil: undefined }) }),
  },
);

/** It begins with a message, so that there is something to disturb. */
export const chaosScript: fc.Arbitrary<readonly ChaosAction[]> = fc
  .tuple(send, fc.array(action, { maxLength: 12 }))
  .map(([first, rest]) => [first, ...rest]);
