/** A tool says how far it is as often as it likes; clients are told now and then, of the newest. */

import { limits } from '../../schema/limits.ts';
import { cutText } from '../../schema/preview.ts';
import { storableText } from '../../schema/text.ts';
import type { CallProgress } from '../../schema/tool-event.ts';
import type { Clock, ToolProgress } from '../ports.ts';

export type ProgressTeller = {
  readonly report: (progress: ToolProgress) => void;
  /** Nothing is told any more. */
  readonly stop: () => void;
};

/** The first report is told at once, then at most one every `toolProgressMs`, `toolProgressUpdatesMax` in all. */
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

/** Numbers that JSON cannot carry are left out. */
function wireProgress({ message, done, total }: ToolProgress): CallProgress {
  return {
    ...(message === undefined
      ? {}
      : { message: storableText(cutText(message, limits.toolProgressUnitsMax)) }),
    ...(done !== undefined && Number.isFinite(done) ? { done } : {}),
    ...(total !== undefined && Number.isFinite(total) ? { total } : {}),
  };
}
