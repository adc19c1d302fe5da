/** The right side: the selected actor, its chart, and tabs with its details. */
import { useSignal } from '@preact/signals';
import type { ActorView } from '../../../../schema/actor-view.ts';
import { prettyPreview } from '../../chat/pretty-preview.ts';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import { noActorText } from '../time/history-steps.ts';
import { urgencyOf } from '../tree/attention.ts';
import { ChartView } from './chart-view.tsx';
import { CommandBar } from './command-bar.tsx';
import { durationText } from './duration.ts';
import { EventLogView } from './event-log-view.tsx';
import { NextView } from './next-view.tsx';
import { SequenceView } from './sequence-view.tsx';
import { kindWords, shortPath, stateText, titleOf, urgencyTones } from './state-words.ts';

const tabs = ['Events', 'Sequence', 'Next', 'Context'] as const;
type Tab = (typeof tabs)[number];

export function ActorPanel({ inspector }: { readonly inspector: Inspector }) {
  const tab = useSignal<Tab>('Events');
  const view = inspector.selected.value;
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
            const next = tabs[(tabs.indexOf(tab.value) + step + tabs.length) % tabs.length];
            if (next === undefined) return;
            tab.value = next;
            document.getElementById(`tab-${next}`)?.focus();
          }}
        >
          {tabs.map((name) => (
            <button
              key={name}
              id={`tab-${name}`}
              type="button"
              role="tab"
              aria-selected={tab.value === name}
              aria-controls="tab-panel"
              tabIndex={tab.value === name ? 0 : -1}
              onClick={() => {
                tab.value = name;
              }}
            >
              {name === 'Next' && inspector.isPast.value ? 'Untaken' : name}
            </button>
          ))}
        </div>
        <div
          id="tab-panel"
          class="tab-panel"
          role="tabpanel"
          aria-labelledby={`tab-${tab.value}`}
          // The other tabs contain a scrolling box that takes the focus.
          tabIndex={tab.value === 'Next' || tab.value === 'Context' ? 0 : undefined}
        >
          {tab.value === 'Events' ? <EventLogView inspector={inspector} /> : null}
          {tab.value === 'Sequence' ? <SequenceView inspector={inspector} /> : null}
          {tab.value === 'Next' ? <NextView inspector={inspector} /> : null}
          {tab.value === 'Context' ? <ContextView view={view} /> : null}
        </div>
      </div>
    </section>
  );
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
        <dd>fold and unfold; step back and forth in a recording</dd>
        <dt>
          <kbd>+</kbd> <kbd>−</kbd> <kbd>0</kbd>
        </dt>
        <dd>zoom the chart, and fit it</dd>
      </dl>
    </section>
  );
}

/** The context of the selected actor. */
function ContextView({ view }: { readonly view: ActorView | null }) {
  const context = view?.context ?? null;
  if (context === null) return <p class="hint">Its context is not known.</p>;
  return <pre class="json">{prettyPreview(context)}</pre>;
}
