/**
 * Decides whether a client can resume from a cursor: it must be of this store, not from the future, and not too old.
 */
import type { EventLog } from '../../../actors/ports.ts';
import type { ResyncReason } from '../../../schema/wire/callboard-v1-frame.ts';
import { parsedCursor } from '../../../schema/wire/cursor.ts';
import type { HotWindow } from './hot-window.ts';

export type CursorJudgement =
  | { readonly ok: true; readonly seq: number }
  | { readonly ok: false; readonly reason: ResyncReason };

export type CursorJudge = (cursor: string) => Promise<CursorJudgement>;

/** The judge rejects with `JournalUnavailable`, and throws for text that is not a cursor: validate the text before. */
export function createCursorJudge(eventLog: EventLog, hot: HotWindow): CursorJudge {
  /** When thousands of clients resume at once, they share one query to the journal. */
  let asked: Promise<{ readonly oldest: number }> | undefined;

  function range(): Promise<{ readonly oldest: number }> {
    asked ??= eventLog.range().finally(() => {
      asked = undefined;
    });
    return asked;
  }

  return async (text) => {
    const cursor = parsedCursor(text);
    if (cursor === undefined) throw new TypeError('a cursor that was not validated');
    if (cursor.epoch !== eventLog.epoch) return { ok: false, reason: 'epoch' };
    if (cursor.seq > hot.newest) return { ok: false, reason: 'ahead' };
    if (cursor.seq >= hot.floor) return { ok: true, seq: cursor.seq };
    const { oldest } = await range();
    return oldest > cursor.seq + 1 ? { ok: false, reason: 'retention' } : { ok: true, seq: cursor.seq };
  };
}
