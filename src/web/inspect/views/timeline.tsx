/** The time machine's controls: the step of the journal that is shown, and its event. */
import { useEffect } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { eventText } from '../chart/chart-words.ts';
import type { Inspector } from '../inspector.ts';
import { clockText, gapText } from './duration.ts';

const speeds = [0.5, 1, 2, 4];

export function Timeline({ inspector }: { readonly inspector: Inspector }) {
  const { past } = inspector;
  const known = past.known.value;
  const place = past.place.value;
  const steps = known?.steps ?? [];
  const stepBy = (count: number) => {
    past.pause();
    inspector.moveTo(past.seqFrom(count));
  };
  const playOrPause = () => {
    if (past.isPlaying.value) past.pause();
    else past.play((seq) => inspector.moveTo(seq));
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.closest('input, select, dialog') !== null)
        return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'ArrowRight') stepBy(1);
      else if (event.key === 'ArrowLeft') stepBy(-1);
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
  return (
    <section class="timeline" aria-label="Time machine">
      <div class="timeline-controls">
        <Button look="quiet" icon="first" label="First step" onClick={() => stepBy(-steps.length)} />
        <Button look="quiet" icon="back" label="Step back" onClick={() => stepBy(-1)} />
        <Button
          look="quiet"
          icon={past.isPlaying.value ? 'pause' : 'play'}
          label={past.isPlaying.value ? 'Pause' : 'Play'}
          onClick={playOrPause}
        />
        <Button look="quiet" icon="forward" label="Step forward" onClick={() => stepBy(1)} />
        <Button look="quiet" icon="last" label="Last step" onClick={() => stepBy(steps.length)} />
        <input
          type="range"
          aria-label="Step"
          aria-valuetext={
            place < 0 ? 'none' : `${place + 1} of ${steps.length}: ${past.step.value?.event ?? ''}`
          }
          min={0}
          max={Math.max(0, steps.length - 1)}
          step={1}
          value={String(Math.max(0, place))}
          onInput={(event) => {
            past.pause();
            inspector.moveTo(steps[Number(event.currentTarget.value)]?.seq ?? null);
          }}
        />
        <span class="place">
          {place + 1} / {steps.length}
          {known !== null && known.count > steps.length ? ` of ${known.count}` : ''}
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
      </div>
      <StepLine inspector={inspector} />
    </section>
  );
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
  const before = known?.steps[past.place.value - 1];
  return (
    <p class="step" aria-live="polite">
      <code class="seq">#{step.seq}</code>
      <b>{eventText(step.event)}</b>
      <span class="time">{clockText(step.at)}</span>
      {before === undefined ? null : <span class="time">{gapText(step.at - before.at)}</span>}
      {step.basis === 'replayed' ? null : <Badge tone="warn">{step.basis}</Badge>}
      {step.inputs.length === 0 ? null : (
        <span class="because">after {step.inputs.map(({ type }) => eventText(type)).join(', ')}</span>
      )}
      {step.note === null ? null : <span class="note">{step.note}</span>}
      {known?.complete === false ? <Badge tone="warn">the beginning is gone</Badge> : null}
    </p>
  );
}
