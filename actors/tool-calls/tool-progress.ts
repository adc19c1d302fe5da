/** A tool may report its progress as often as it likes; clients get the newest report from time to time. */

import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import { storableText } from '../../schema/text.ts';
import type { CallProgress } from '../../schema/tool-event.ts';
import type { Clock } from '../ports.ts';
import type { ToolProgress } from '../tool-ports.ts';

export type ProgressTeller = {
  readonly report: (progress: ToolProgress) => void;
  /** Ends the reports. */
  readonly stop: () => void;
};

/** Passes the first report on at once, then at most one every `toolProgressMs`, `toolProgressUpdatesMax` in all. */
export function progressTeller(clock: Clock, tell: (progress: CallProgress) => void): ProgressTeller {
  let told = 0;
  let newest: ToolProgress | null = null;
  let cancel: (() => void) | null = null;
  let stopped = false;

  function tellNewest(): void {
    if (newest === null || stopped || told >= limits.toolProgressUpdatesMax) return;
    told++;
    tell(wireProgress(newest));
    newest = null;
    cancel = clock.after(limits.toolProgressMs, () => {
      cancel = null;
      tellNewest();
    });
  }

  return {
    report: (progress) => {
      newest = progress;
      if (cancel === null) tellNewest();
    },
    stop: () => {
      stopped = true;
      cancel?.();
    },
  };
}

/** Leaves out numbers that JSON cannot carry. */
function wireProgress({ message, done, total }: ToolProgress): CallProgress {
  return {
    ...(message === undefined
      ? {}
      : { message: storableText(cutText(message, limits.toolProgressUnitsMax)) }),
    ...(done !== undefined && Number.isFinite(done) ? { done } : {}),
    ...(total !== undefined && Number.isFinite(total) ? { total } : {}),
  };
}
