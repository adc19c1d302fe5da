/** The place of what-if among the tabs, and the banner that says that what is shown never happened. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';

/** Loaded with the sandbox, when first used; `null`: not yet. */
const panel = signal<typeof import('./what-if-panel.tsx').WhatIfPanel | null>(null);

export function WhatIfView({ inspector }: { readonly inspector: Inspector }) {
  const { whatIf } = inspector;
  const moment = whatIf.moment.value;
  const Panel = panel.value;
  const isWanted = moment !== null || whatIf.isBusy.value;
  useEffect(() => {
    if (!isWanted || panel.peek() !== null) return;
    import('./what-if-panel.tsx').then(
      (loaded) => {
        panel.value = loaded.WhatIfPanel;
      },
      (error: unknown) => {
        inspector.notice.value = `The page could not load a part of itself: ${error}`;
      },
    );
  }, [isWanted, inspector]);
  if (moment !== null && Panel !== null) return <Panel inspector={inspector} moment={moment} />;
  if (isWanted) return <p class="hint">Running the machines up to this step…</p>;
  return (
    <div class="hint">
      <p>
        Put the session into a sandbox as it was at this step, let something else happen, and see where its
        machines go. There is no model, no tool and no store in it: you say what they would say.
      </p>
      {whatIf.obstacle.value === null ? null : <p role="alert">{whatIf.obstacle.value}</p>}
      <Button onClick={() => inspector.askWhatIf()}>Ask what if from this step</Button>
    </div>
  );
}

export function WhatIfBanner({ inspector }: { readonly inspector: Inspector }) {
  const moment = inspector.whatIf.moment.value;
  return (
    <div role="status">
      {moment === null ? null : (
        <div class="what-if-banner">
          <b>What if</b>
          <span>
            Hypothetical, {moment.moved.length === 0 ? 'no move yet' : movesText(moment.moved.length)}:
            nothing of this happened, and nothing is sent, run or stored.
          </span>
          <Button onClick={() => inspector.whatIf.leave()}>Back to the recording</Button>
        </div>
      )}
    </div>
  );
}

function movesText(count: number): string {
  return count === 1 ? '1 move' : `${count} moves`;
}
