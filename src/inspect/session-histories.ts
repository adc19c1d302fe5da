import type { EventLog, ReadModel } from '../../actors/ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { SessionHistory } from '../../schema/session-history.ts';

export async function sessionHistory(
  _ports: { readonly eventLog: EventLog; readonly readModel: ReadModel },
  _id: SessionId,
  _page: { readonly after: number; readonly limit: number },
): Promise<SessionHistory | undefined> {
  return undefined;
}
