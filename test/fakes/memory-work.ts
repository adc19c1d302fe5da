/** What was done in a session, from the rows in memory. */
import type { SessionWork } from '../../actors/stored-rows.ts';
import type { SessionId } from '../../schema/ids.ts';
import { listedTurn } from './memory-rows.ts';
import type { MemoryTables } from './memory-tables.ts';

export function workInMemory(tables: MemoryTables, session: SessionId): SessionWork {
  const turns = tables
    .allTurns()
    .filter(({ turn }) => turn.sessionId === session)
    .map(listedTurn);
  const last = turns.findLast(({ status }) => status === 'running') ?? turns.at(-1);
  const calls = tables.sessionToolCalls(session);
  const waiting = calls.find(({ status }) => status === 'awaitingApproval');
  const models = tables
    .traces()
    .filter(({ sessionId, origin }) => sessionId === session && origin === undefined)
    .flatMap(({ metadata }) => (typeof metadata?.['model'] === 'string' ? [metadata['model']] : []));
  return {
    ...(last === undefined ? {} : { lastTurn: workOf(last) }),
    ...(waiting === undefined ? {} : { waitingCall: { name: waiting.name, startedAt: waiting.startedAt } }),
    tools: [...new Set(calls.map(({ name }) => name))].sort(),
    models: [...new Set(models)].sort(),
  };
}

function workOf({ status, reason, queuedAt, endedAt }: ReturnType<typeof listedTurn>) {
  return {
    status,
    queuedAt,
    ...(reason === undefined ? {} : { reason }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}
