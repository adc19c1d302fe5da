/**
 * Each possible command as a command of fast-check: it goes to the server and to the model, both answers are
 * compared, and then everything that can be observed.
 */
import fc from 'fast-check';
import { themes, type UpdateRuntimeConfig } from '../../../schema/runtime-config.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { type WireNamespace, wireNamespaces } from '../../../schema/wire-event-table.ts';
import { expectAgreement } from './agreement.ts';
import type { DrivenServer } from './driven-server.ts';
import { obey } from './obey.ts';
import { type By, type Order, orderText } from './orders.ts';
import { type ReferenceModel, type Talk, talks } from './reference-model.ts';

export type ServerCommand = fc.AsyncCommand<ReferenceModel, DrivenServer>;

/** Called for each command that was carried out. */
export type OnCommand = (order: Order) => void;

function commandOf(order: Order, onCommand: OnCommand): ServerCommand {
  return {
    check: (model) => isPossible(order, model),
    run: async (model, server) => {
      onCommand(order);
      await obey(order, model, server);
      await expectAgreement(model, server);
    },
    toString: () => orderText(order),
  };
}

function isPossible(order: Order, model: ReferenceModel): boolean {
  switch (order.kind) {
    case 'create':
      return model.sessions.length < 3;
    case 'config':
    case 'restart':
      return true;
    case 'update':
    case 'archive':
    case 'delete':
    case 'send':
    case 'store':
    case 'cancel':
      return model.sessions.length > 0;
    case 'sendAgain':
      return model.own.some(({ session }) => !session.deleted);
    case 'regenerate':
    case 'select':
    case 'remove':
    case 'edit':
      return model.sessions.some(({ quietQuestions }) => quietQuestions.length > 0);
    case 'repeat':
      return model.names.length > 0;
    case 'subscribe':
      return model.readers.length < 4 && (order.session === null || model.sessions.length > 0);
    case 'drop':
      return model.readers.some((isConnected) => isConnected);
    case 'resume':
      return model.readers.some((isConnected) => !isConnected);
    default:
      return unreachable(order);
  }
}

const nth = fc.nat(7);
const named = fc.boolean();
const by = fc.constantFrom<By>('rest', 'socket');
const title = fc.stringMatching(/^[ -~äß🎉]{1,20}$/u);
const description = fc.stringMatching(/^[ -~ü€]{0,20}$/u);
const talk = fc.constantFrom(...(Object.keys(talks) as Talk[]));
const one = <Kind extends string>(kind: Kind) => fc.constant(kind);

const configPatch: fc.Arbitrary<UpdateRuntimeConfig> = fc.record(
  {
    apiUrl: fc.constantFrom('http://127.0.0.1:1', 'http://127.0.0.1:2'),
    features: fc.dictionary(
      fc.constantFrom('chat', 'logs', 'more', '__proto__', 'constructor'),
      fc.boolean(),
      {
        noNullPrototype: true,
      },
    ),
    theme: fc.constantFrom(...themes),
  },
  { requiredKeys: [] },
);

const orders: readonly (readonly [weight: number, order: fc.Arbitrary<Order>])[] = [
  [
    3,
    fc.record({ kind: one('create'), title, description: fc.option(description, { nil: undefined }), named }),
  ],
  [
    2,
    fc.record({
      kind: one('update'),
      session: nth,
      patch: fc.record({ title, description: fc.option(description) }, { requiredKeys: [] }),
      named,
    }),
  ],
  [1, fc.record({ kind: fc.constantFrom('archive' as const, 'delete' as const), session: nth, named })],
  [8, fc.record({ kind: one('send'), session: nth, talk, by, ownId: fc.boolean(), named })],
  [
    1,
    fc.record({
      kind: one('store'),
      session: nth,
      role: fc.constantFrom('assistant' as const, 'tool' as const),
      content: title,
    }),
  ],
  [2, fc.record({ kind: one('sendAgain'), message: nth, same: fc.boolean(), by })],
  [2, fc.record({ kind: one('repeat'), name: nth, same: fc.boolean() })],
  [3, fc.record({ kind: one('cancel'), session: nth, prompt: fc.option(nth, { nil: null }), by })],
  [
    4,
    fc.record({
      kind: fc.constantFrom('regenerate' as const, 'select' as const, 'remove' as const),
      question: nth,
      by,
    }),
  ],
  [2, fc.record({ kind: one('edit'), question: nth, talk, by })],
  [1, fc.record({ kind: one('config'), patch: configPatch, named })],
  [
    4,
    fc.record({
      kind: one('subscribe'),
      namespaces: fc.oneof(
        fc.constant<WireNamespace[]>([...wireNamespaces]),
        fc.subarray([...wireNamespaces], { minLength: 1 }),
      ),
      session: fc.option(nth, { nil: null }),
    }),
  ],
  [2, fc.record({ kind: one('drop'), reader: nth })],
  [3, fc.record({ kind: one('resume'), reader: nth })],
  [1, fc.record({ kind: one('restart'), how: fc.constantFrom('orderly' as const, 'abrupt' as const) })],
];

/** `replayPath` is that of a counterexample. */
export function serverCommands(
  onCommand: OnCommand,
  replayPath?: string,
): fc.Arbitrary<Iterable<ServerCommand>> {
  const commands = orders.flatMap(([weight, order]) =>
    Array.from({ length: weight }, () => order.map((one) => commandOf(one, onCommand))),
  );
  return fc.commands(commands, {
    maxCommands: 30,
    size: 'max',
    ...(replayPath === undefined ? {} : { replayPath }),
  });
}
