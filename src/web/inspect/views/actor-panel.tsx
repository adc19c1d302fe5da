/** The right side: the selected actor, its chart, and tabs with its details. */
import { useSignal } from '@preact/signals';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import { noActorText } from '../time/history-steps.ts';
import { urgencyOf } from '../tree/attention.ts';
import { ChartView } from './chart-view.tsx';
import { CommandBar } from './command-bar.tsx';
import { ContextView } from './context-view.tsx';
import { durationText } from './duration.ts';
import { EventLogView } from './event-log-view.tsx';
import { NextView } from './next-view.tsx';
import { SequenceView } from './sequence-view.tsx';
import { kindWords, shortPath, stateText, titleOf, urgencyTones } from './state-words.ts';
import { WhatIfView } from './what-if-view.tsx';

const allTabs = ['Events', 'Sequence', 'Next', 'Context', 'What if'] as const;
type Tab = (typeof allTabs)[number];

export function ActorPanel({ inspector }: { readonly inspector: Inspector }) {
  const chosen = useSignal<Tab>('Events');
  const tabs = allTabs.filter((name) => name !== 'What if' || inspector.isPast.value);
  const current = tabs.find((name) => name === chosen.value) ?? 'Events';
  const open = (name: Tab) => {
    chosen.value = name;
    if (name === 'What if' && !inspector.isHypothetical.peek()) inspector.askWhatIf();
  };
  if (inspector.selectedId.value === null && !inspector.isPast.value) return <Nobody />;
  return (
    <section class="actor-panel" aria-label="Selected actor">
      <ActorHead inspector={inspector} />
      <ChartView inspector={inspector} />
      <div class="details-pane">
        <div
          class="tabs"
          role="tablist"
          aria-label="Details"
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            event.stopPropagation();
            const next = tabs[(tabs.indexOf(current) + step + tabs.length) % tabs.length];
            if (next === undefined) return;
            open(next);
            document.getElementById(tabId(next))?.focus();
          }}
        >
          {tabs.map((name) => (
            <button
              key={name}
              id={tabId(name)}
              type="button"
              role="tab"
              aria-selected={current === name}
              aria-controls="tab-panel"
              tabIndex={current === name ? 0 : -1}
              onClick={() => open(name)}
            >
              {name === 'Next' && inspector.isPast.value && !inspector.isHypothetical.value
                ? 'Untaken'
                : name}
            </button>
          ))}
        </div>
        <div
          id="tab-panel"
          class="tab-panel"
          role="tabpanel"
          aria-labelledby={tabId(current)}
          // The other tabs contain a scrolling box that takes the focus.
          tabIndex={current === 'Next' || current === 'Context' ? 0 : undefined}
        >
          {current === 'Events' ? <EventLogView inspector={inspector} /> : null}
          {current === 'Sequence' ? <SequenceView inspector={inspector} /> : null}
          {current === 'Next' ? <NextView inspector={inspector} /> : null}
          {current === 'Context' ? <ContextView inspector={inspector} /> : null}
          {current === 'What if' ? <WhatIfView inspector={inspector} /> : null}
        </div>
      </div>
    </section>
  );
}

function tabId(name: Tab): string {
  return `tab-${name.replace(' ', '-')}`;
}

function absentText(inspector: Inspector): string {
  if (!inspector.isPast.value) return 'This actor has ended.';
  const { actors, step } = inspector.past;
  return actors.value.all.size > 0
    ? 'This actor is not there at this step.'
    : noActorText(step.value?.basis ?? null);
}

function ActorHead({ inspector }: { readonly inspector: Inspector }) {
  const view = inspector.selected.value;
  const { sessionId } = inspector.place.value;
  inspector.tick.value;
  const isPinned = inspector.place.value.actorId !== null;
  if (view === null) {
    return (
      <div class="actor-head">
        <p class="details">{absentText(inspector)}</p>
        {inspector.isPast.value && isPinned ? <FollowButton inspector={inspector} /> : null}
        <CommandBar inspector={inspector} />
      </div>
    );
  }
  const name = titleOf(view);
  return (
    <div class="actor-head">
      <div class="who">
        <h2>
          <span class={`kind kind-${view.kind}`}>{kindWords[view.kind]}</span>
          {name === kindWords[view.kind] ? shortPath(view.id) : name}
        </h2>
        <p class="details">
          <span class={`state-chip ${urgencyTones[urgencyOf(view)]}`}>{stateText(view)}</span>
          {view.since === null || inspector.isPast.value ? null : (
            <span>for {durationText(inspector.now() - view.since)}</span>
          )}
          <code title={view.id}>{view.id}</code>
        </p>
      </div>
      <div class="actions">
        {inspector.isPast.value && isPinned ? <FollowButton inspector={inspector} /> : null}
        {inspector.isPast.value || sessionId === null ? null : (
          <Button icon="back" onClick={() => inspector.replay(sessionId, Number.MAX_SAFE_INTEGER)}>
            Rewind
          </Button>
        )}
        <CommandBar inspector={inspector} />
      </div>
    </div>
  );
}

function FollowButton({ inspector }: { readonly inspector: Inspector }) {
  return (
    <Button
      look="quiet"
      onClick={() => {
        const { sessionId, seq } = inspector.place.value;
        if (sessionId !== null && seq !== null) inspector.replay(sessionId, seq);
      }}
    >
      Follow who acts
    </Button>
  );
}

function Nobody() {
  return (
    <section class="actor-panel nobody" aria-label="Selected actor">
      <h2>Choose an actor</h2>
      <p>
        Actors that need attention are listed first: those that failed, those that wait for a person, and
        those that have been in their state the longest. Choose one to see its statechart run, the messages
        between actors, and the transitions it can take next.
      </p>
      <p>
        <b>Recorded</b> shows any stored session step by step, as its journal tells it.
      </p>
      <dl class="keys">
        <dt>
          <kbd>↑</kbd> <kbd>↓</kbd>
        </dt>
        <dd>choose an actor, or an event</dd>
        <dt>
          <kbd>←</kbd> <kbd>→</kbd>
        </dt>
        <dd>fold and unfold; step back and forth in a recording, with Home and End to its ends</dd>
        <dt>
          <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd>
        </dt>
        <dd>zoom the chart, and fit it</dd>
      </dl>
    </section>
  );
}
