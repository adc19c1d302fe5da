/** The events and inputs of the machine of a client's trace, for `machine-words.ts`. */
import type { ClientTraceInput } from '../../machines/client-trace.ts';
import { type CommandId, type SessionId, spanIdSchema, type TraceId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { TraceSpan } from '../../schema/trace-span.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import type { Dice, Heard } from './machine-dice.ts';

const id = idOf<TraceId>(idKinds.trace, 1);
const sessionId = idOf<SessionId>(idKinds.session, 1);

function span(name: string, place: number): TraceSpan {
  const at = isoTimestamp(noon);
  return {
    ...{ id: spanIdSchema.parse(idOf(idKinds.trace, place + 2)), traceId: id, parentId: null, name },
    ...{ status: 'ok', startedAt: at, endedAt: at, attributes: {} },
  };
}

function stamp({ at, nth, number }: Dice) {
  const idempotency = number % 5 === 0 ? { key: `${nth}`, fingerprint: 'f' } : undefined;
  return { at, commandId: idOf<CommandId>(idKinds.command, nth), idempotency };
}

/** Kinds of events by name. */
export const clientTraceWords: Readonly<Record<string, (dice: Dice) => Heard>> = {
  'trace.create': (dice) => ({
    type: 'trace.create',
    ...stamp(dice),
    ...{ name: dice.flag ? 'sweep' : dice.text, sessionId: dice.number % 2 === 0 ? sessionId : null },
    metadata: dice.flag ? {} : { job: dice.number },
  }),
  'trace.append': (dice) => {
    const one = span(dice.flag ? 'work' : dice.text, dice.number);
    const stored = dice.number % 2 === 0 ? [] : [span('work', dice.number)];
    return { type: 'trace.append', ...stamp(dice), spans: [one], stored } as Heard;
  },
  'trace.finalise': (dice) => ({
    type: 'trace.finalise',
    ...stamp(dice),
    ...{ status: dice.flag ? 'completed' : 'failed', error: dice.number % 2 === 0 ? null : dice.text },
  }),
  'session.gone': () => ({ type: 'session.gone' }),
};

export function clientTraceInput({ at, number, flag }: Dice): ClientTraceInput {
  const createdAt = isoTimestamp(at);
  const statuses = ['running', 'completed', 'failed'] as const;
  const status = statuses[number % statuses.length] ?? 'running';
  return {
    id,
    sessionId: flag ? sessionId : null,
    spans: number % 2 === 0 ? 0 : limits.traceSpansMax - 1,
    stored:
      number % 4 === 0
        ? null
        : { id, name: 'sweep', status, createdAt, updatedAt: createdAt, origin: 'client' },
  };
}
