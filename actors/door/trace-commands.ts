/** The commands to traces of clients: adds time and ids, and passes them to the trace. */
import { ownershipOf } from '../../schema/authorization.ts';
import type { TraceCommand } from '../../schema/client-trace.ts';
import type { CommandId, TraceId } from '../../schema/ids.ts';
import { local } from '../../schema/principal.ts';
import { accepted, type Outcome } from '../../schema/refusal.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../../schema/timestamp.ts';
import type { Trace } from '../../schema/trace.ts';
import type { AppendedSpans, GivenSpan, TraceSpan } from '../../schema/trace-span.ts';
import type { Ids } from '../ports.ts';
import type { TraceRegistry } from '../traces/trace-registry.ts';
import type { CommandDoor, Named } from './command-door.ts';

export type TraceCommandsOptions = {
  readonly traces: Pick<TraceRegistry, 'dispatch'>;
  readonly ids: Ids;
  /** Runs a command under the name that its client gave it, within the time that clients wait. */
  readonly named: (named: Named, run: () => Promise<Outcome<unknown>>) => Promise<Outcome<unknown>>;
  readonly stamp: (named: Named) => {
    readonly commandId: CommandId;
    readonly at: Milliseconds;
    readonly idempotency: Named;
  };
};

type TraceMethods = Pick<CommandDoor, 'createTrace' | 'appendSpans' | 'finaliseTrace'>;

export function traceCommands({ traces, ids, named: underName, stamp }: TraceCommandsOptions): TraceMethods {
  const give = (id: TraceId, command: TraceCommand) =>
    underName(command.idempotency, () => traces.dispatch(id, command));
  return {
    createTrace: async (
      { id = ids.next<TraceId>(), name, sessionId = null, metadata = {} },
      named,
      by = local,
    ) => {
      const owner = sessionId === null ? ownershipOf(by) : undefined;
      const about = { name, sessionId, metadata, owner };
      const outcome = await give(id, { type: 'trace.create', ...stamp(named), ...about });
      return outcome.ok ? accepted(outcome.value as Trace) : outcome;
    },
    appendSpans: async (id, given, named) => {
      const spans = given.map((span) => asStored(id, span));
      const outcome = await give(id, { type: 'trace.append', ...stamp(named), spans, stored: [] });
      return outcome.ok ? accepted(outcome.value as AppendedSpans) : outcome;
    },
    finaliseTrace: async (id, { status = 'completed', error = null }, named) => {
      const outcome = await give(id, { type: 'trace.finalise', ...stamp(named), status, error });
      return outcome.ok ? accepted(outcome.value as Trace) : outcome;
    },
  };
}

/** Its times with milliseconds and `Z`, whatever offset they were given with. */
function asStored(traceId: TraceId, span: GivenSpan): TraceSpan {
  const { id, parentId = null, name, status = 'ok', attributes = {} } = span;
  const startedAt = isoTimestamp(millisecondsOf(span.startedAt));
  const endedAt = isoTimestamp(millisecondsOf(span.endedAt));
  return { id, traceId, parentId, name, status, startedAt, endedAt, attributes };
}
