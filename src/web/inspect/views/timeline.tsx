/** The time machine's controls: the step of the journal that is shown, and its event. */
import { useEffect } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { eventText } from '../chart/chart-words.ts';
import type { Inspector } from '../inspector.ts';
import { clockText, gapText } from './duration.ts';
import { SaveRecording } from './save-recording.tsx';

const speeds = [0.5, 1, 2, 4];

export function Timeline({ inspector }: { readonly inspector: Inspector }) {
  const { past } = inspector;
  const known = past.known.value;
  const place = past.place.value;
  const count = known?.count ?? 0;
  const goTo = (index: number) => {
    past.pause();
    past.goTo(index);
  };
  const playOrPause = () => {
    if (past.isPlaying.value) past.pause();
    else past.play();
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTaken = event.target instanceof HTMLElement && event.target.closest(takesKeys) !== null;
      if (isTaken || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      // Keys may come faster than the page is drawn.
      const index = steppedTo(event.key, past.place.peek(), past.known.peek()?.count ?? 0);
      if (index === null) return;
      goTo(index);
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
  return (
    <section class="timeline" aria-label="Time machine">
      <div class="timeline-controls">
        <Button look="quiet" icon="first" label="First step" onClick={() => goTo(0)} />
        <Button look="quiet" icon="back" label="Step back" onClick={() => goTo(place - 1)} />
        <Button
          look="quiet"
          icon={past.isPlaying.value ? 'pause' : 'play'}
          label={past.isPlaying.value ? 'Pause' : 'Play'}
          onClick={playOrPause}
        />
        <Button look="quiet" icon="forward" label="Step forward" onClick={() => goTo(place + 1)} />
        <Button look="quiet" icon="last" label="Last step" onClick={() => goTo(count - 1)} />
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={place < 0 ? 'none' : `${place + 1} of ${count}: ${past.step.value?.event ?? ''}`}
          min={0}
          max={Math.max(0, count - 1)}
          step={1}
          value={String(Math.max(0, place))}
          onInput={(event) => goTo(Number(event.currentTarget.value))}
        />
        <span class="place">
          {place + 1} / {count}
        </span>
        <select
          aria-label="Speed"
          value={String(past.speed.value)}
          onChange={(event) => {
            past.speed.value = Number(event.currentTarget.value);
          }}
        >
          {speeds.map((speed) => (
            <option key={speed} value={String(speed)}>
              {speed}×
            </option>
          ))}
        </select>
        {inspector.file === null ? <SaveRecording inspector={inspector} /> : null}
      </div>
      <StepLine inspector={inspector} />
    </section>
  );
}

/** These elements use the keys themselves. */
const takesKeys =
  'input, select, textarea, dialog, [role="tree"], [role="listbox"], [role="tablist"], .chart-frame';

/** The index of the step to which a key leads; `null`: it leads nowhere. */
function steppedTo(key: string, place: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
      return place + 1;
    case 'ArrowLeft':
      return place - 1;
    case 'PageDown':
      return place + 10;
    case 'PageUp':
      return place - 10;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

function StepLine({ inspector }: { readonly inspector: Inspector }) {
  const { past } = inspector;
  const step = past.step.value;
  const known = past.known.value;
  if (step === null) {
    return (
      <p class="step">
        {known === null ? 'Reading the journal…' : 'The journal has no events of this session.'}
      </p>
    );
  }
  const before = past.stepBefore.value;
  if (past.isMissing.value) return <p class="step">Reading step {past.place.value + 1}…</p>;
  return (
    <p class="step" aria-live="polite">
      <code class="seq">#{step.seq}</code>
      <b>{eventText(step.event)}</b>
      <span class="time">{clockText(step.at)}</span>
      {before === null ? null : <span class="time">{gapText(step.at - before.at)}</span>}
      {step.basis === 'replayed' ? null : <Badge tone="warn">{step.basis}</Badge>}
      {step.inputs.length === 0 ? null : (
        <span class="because">after {step.inputs.map(({ type }) => eventText(type)).join(', ')}</span>
      )}
      {step.note === null ? null : <span class="note">{step.note}</span>}
      {known?.complete === false ? <Badge tone="warn">the beginning is gone</Badge> : null}
    </p>
  );
}
