/** The checks and the `hello` with which every `callboard.v1` connection begins, over sockets and over HTTP. */
import type { ReadModel } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { clientFrameBytesMax, type MessageBounds } from '../../../schema/message-bounds.ts';
import type { Principal } from '../../../schema/principal.ts';
import { type Refusal, sessionNotFound } from '../../../schema/refusal.ts';
import type { Hello } from '../../../schema/wire/callboard-v1-frame.ts';
import { parsedCursor } from '../../../schema/wire/cursor.ts';
import { serverFrame } from '../../../schema/wire/frame.ts';
import { wireNamespaces } from '../../../schema/wire-event-table.ts';
import type { Authorize } from '../access/authorize.ts';
import type { StreamHub } from './stream-hub.ts';
import type { Selection } from './subscriptions.ts';

/** The first frame of every connection ([V1A1]). */
export function helloFrame(
  { hub, messageBounds }: { readonly hub: StreamHub; readonly messageBounds: MessageBounds },
  { id, name, scopes, sessions }: Principal,
  resumed: boolean,
): string {
  const hello: Hello = {
    epoch: hub.eventLog.epoch,
    seq: hub.seq(),
    resumed,
    principal: { id, name, scopes: [...scopes], narrowed: sessions !== null },
    limits: {
      frameBytesMax: clientFrameBytesMax(messageBounds),
      subscriptionsMax: limits.subscriptionsMax,
      commandsInFlightMax: limits.socketCommandsMax,
      heartbeatMs: hub.heartbeatMs,
    },
  };
  return serverFrame('hello', hello);
}

/** Refuses a selection whose session does not exist, or not for the principal ([V1B6]). Rejects with `JournalUnavailable`. */
export async function missingSession(
  { sessionId }: Selection,
  since: string | undefined,
  principal: Principal,
  {
    hub,
    readModel,
    authorize,
  }: {
    readonly hub: StreamHub;
    readonly readModel: Pick<ReadModel, 'session'>;
    readonly authorize: Authorize;
  },
): Promise<Refusal | undefined> {
  if (sessionId === undefined) return undefined;
  const denied = await authorize(principal, 'see', { kind: 'session', id: sessionId });
  if (denied !== null) return denied;
  if ((await readModel.session(sessionId)) !== undefined) return undefined;
  // A session deleted after the cursor still has events to send, its deletion among them.
  const cursor = since === undefined ? undefined : parsedCursor(since);
  if (cursor?.epoch === hub.eventLog.epoch) {
    const query = { after: cursor.seq, limit: 1, namespaces: wireNamespaces, sessionId };
    if ((await hub.eventLog.read(query)).length > 0) return undefined;
  }
  return sessionNotFound(sessionId);
}
