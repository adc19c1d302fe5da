/** The page: the actors on the left, the selected actor on the right; a phone shows one of three parts at a time. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { KeyDialog } from '../../access/key-dialog.tsx';
import { placeOf, queryOf } from '../address.ts';
import type { Inspector } from '../inspector.ts';
import { ActorPane } from './actor-pane.tsx';
import { ActorPanel } from './actor-panel.tsx';
import { Timeline } from './timeline.tsx';
import { TopBar } from './top-bar.tsx';
import { WhatIfBanner } from './what-if-view.tsx';

type Part = 'actors' | 'chart' | 'details';

const parts: readonly (readonly [Part, string])[] = [
  ['actors', 'Actors'],
  ['chart', 'Chart'],
  ['details', 'Events'],
];

export function App({ inspector }: { readonly inspector: Inspector }) {
  const part = useSignal<Part>('actors');
  const refused = inspector.refused.value;
  // On a phone, shows the part with the list, and then the part that shows the chosen session.
  useSignalEffect(() => {
    if (inspector.isChoosing.value) part.value = 'actors';
    else if (inspector.isPast.value) part.value = 'chart';
  });
  return (
    <div class={`inspect ${inspector.isHypothetical.value ? 'is-hypothetical' : ''}`} data-part={part.value}>
      <TopBar inspector={inspector} />
      {inspector.isPast.value ? <Timeline inspector={inspector} /> : null}
      <WhatIfBanner inspector={inspector} />
      <main class="panes">
        <ActorPane
          inspector={inspector}
          onChosen={() => {
            part.value = 'chart';
          }}
        />
        <ActorPanel inspector={inspector} />
      </main>
      <nav class="part-switch" aria-label="Parts of the page">
        {parts.map(([name, word]) => (
          <button
            key={name}
            type="button"
            aria-pressed={part.value === name}
            onClick={() => {
              part.value = name;
            }}
          >
            {word}
          </button>
        ))}
      </nav>
      {refused === null ? null : (
        <KeyDialog
          key={refused}
          wasWrong={inspector.hasKey}
          returnQuery={queryOf(placeOf(location.search))}
          setting="CALLBOARD_INSPECT_KEYS"
          {...(refused === 'forbidden' ? { fault: 'This key does not let you inspect.' } : {})}
          onKey={() => inspector.unlock()}
        />
      )}
    </div>
  );
}
