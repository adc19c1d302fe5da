/** What if: what may happen to which actor, and what came of it. */
import { Checkbox } from '../../design/checkbox.tsx';
import '../what-if/without-eval.ts';
import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import type { ActorView } from '../../../../schema/actor-view.ts';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import { type Field, formFields, type Given, readFields } from '../what-if/fields.ts';
import type { WhatIfOffer } from '../what-if/offer.ts';
import { offersTo } from '../what-if/offers.ts';
import type { Moment } from '../what-if/sandboxed-session.ts';
import { durationText } from './duration.ts';
import { MovedItem, timerText } from './moved-item.tsx';
import { kindWords, shortPath, titleOf } from './state-words.ts';

export function WhatIfPanel({
  inspector,
  moment,
}: {
  readonly inspector: Inspector;
  readonly moment: Moment;
}) {
  const { whatIf } = inspector;
  return (
    <div class="what-if">
      <div class="what-if-form">
        <OfferForm inspector={inspector} moment={moment} />
        <Timers inspector={inspector} moment={moment} />
      </div>
      <section class="what-if-moves" aria-label="What came of it">
        <div class="what-if-head">
          <h3>{moment.moved.length === 0 ? 'Nothing has happened yet' : 'What came of it'}</h3>
          <Button
            disabled={moment.moved.length === 0 || whatIf.isBusy.value}
            onClick={() => void whatIf.undo()}
          >
            Undo
          </Button>
        </div>
        <ol reversed aria-live="polite">
          {moment.moved
            .map((moved, index) => (
              <li key={index}>
                <MovedItem inspector={inspector} moved={moved} />
              </li>
            ))
            .toReversed()}
        </ol>
      </section>
    </div>
  );
}

type Choice = { readonly view: ActorView; readonly offer: WhatIfOffer };

function OfferForm({ inspector, moment }: { readonly inspector: Inspector; readonly moment: Moment }) {
  const id = useId();
  const chosen = useSignal<string | null>(null);
  const given = useSignal<Given>({});
  const faults = useSignal<readonly string[]>([]);
  const groups = groupsOf(moment, inspector.selectedId.value);
  const choices = groups.flatMap(({ choices: inGroup }) => inGroup);
  const current = choices.find((choice) => keyOf(choice) === chosen.value) ?? choices[0];
  if (moment.failure !== null)
    return <p class="hint">The machines have failed. Undo the last move to go on.</p>;
  if (current === undefined) return <p class="hint">Every actor has ended: nothing can happen any more.</p>;
  const send = () => {
    const read = readFields(current.offer.schema, given.value);
    faults.value = read.ok ? [] : read.faults;
    if (!read.ok) return;
    inspector.whatIf.move({
      label: `${current.offer.label}${asideOf(read.value)}`,
      sends: current.offer.events(read.value, {
        actors: moment.actors,
        at: moment.now + 1000,
        answerUnits: moment.answerUnits,
      }),
    });
    given.value = {};
  };
  return (
    <form
      aria-label="What if"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="field">
        <span>What if…</span>
        <select
          value={keyOf(current)}
          onChange={(event) => {
            chosen.value = event.currentTarget.value;
            given.value = {};
            faults.value = [];
          }}
        >
          {groups.map(({ view, choices: inGroup }) => (
            <optgroup key={view.id} label={nameOf(view)}>
              {inGroup.map((choice) => (
                <option key={keyOf(choice)} value={keyOf(choice)}>
                  {choice.offer.label}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      {formFields(current.offer.schema).map((field) => (
        <FieldInput
          key={`${keyOf(current)} ${field.name}`}
          field={field}
          value={given.value[field.name] ?? field.initial}
          faultsId={faults.value.length > 0 ? id : undefined}
          onValue={(value) => {
            given.value = { ...given.value, [field.name]: value };
          }}
        />
      ))}
      <div id={id} role="alert" class="faults">
        {faults.value.map((fault) => (
          <p key={fault}>{fault}</p>
        ))}
      </div>
      <Button type="submit" look="primary" disabled={inspector.whatIf.isBusy.value}>
        Let it happen
      </Button>
    </form>
  );
}

function FieldInput(props: {
  readonly field: Field;
  readonly value: string;
  readonly faultsId: string | undefined;
  readonly onValue: (value: string) => void;
}) {
  const { field, value, faultsId, onValue } = props;
  const shared = { 'aria-describedby': faultsId, 'aria-invalid': faultsId === undefined ? undefined : true };
  switch (field.kind) {
    case 'check':
      return (
        <Checkbox isChecked={value === 'true'} onChange={(isChecked) => onValue(String(isChecked))}>
          {field.label}
        </Checkbox>
      );
    case 'choice':
      return (
        <label class="field">
          <span>{field.label}</span>
          <select {...shared} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
            {field.choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </select>
        </label>
      );
    case 'text':
      return (
        <label class="field">
          <span>{field.label}</span>
          <textarea
            {...shared}
            dir="auto"
            rows={3}
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
        </label>
      );
    case 'number':
    case 'line':
      return (
        <label class="field">
          <span>{field.label}</span>
          <input
            {...shared}
            dir="auto"
            type="text"
            inputMode={field.kind === 'number' ? 'numeric' : 'text'}
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
        </label>
      );
  }
}

/** The timers that wait: time passes only when the person says so. */
function Timers({ inspector, moment }: { readonly inspector: Inspector; readonly moment: Moment }) {
  if (moment.timers.length === 0) return null;
  return (
    <section aria-label="Timers">
      <h3>Timers that wait</h3>
      <ul class="timers">
        {moment.timers
          .toSorted((one, other) => one.delayMs - other.delayMs)
          .map((timer) => (
            <li key={timer.timer}>
              <span>
                {timerText(timer)} <small>{durationText(timer.delayMs)}</small>
              </span>
              <Button
                label={`Let ${timerText(timer)} run out`}
                onClick={() =>
                  inspector.whatIf.move({
                    label: `${timerText(timer)} runs out`,
                    timer: timer.timer,
                    delayMs: timer.delayMs,
                  })
                }
              >
                Let it run out
              </Button>
            </li>
          ))}
      </ul>
    </section>
  );
}

/** The selected actor first, then the innermost ones. */
function groupsOf(moment: Moment, selectedId: string | null) {
  return moment.actors
    .map((view) => ({ view, choices: offersTo(view).map((offer): Choice => ({ view, offer })) }))
    .filter(({ choices }) => choices.length > 0)
    .toSorted(
      (one, other) =>
        Number(other.view.id === selectedId) - Number(one.view.id === selectedId) ||
        Number(one.view.kind === 'trace' || one.view.kind === 'answer') -
          Number(other.view.kind === 'trace' || other.view.kind === 'answer') ||
        other.view.id.split('/').length - one.view.id.split('/').length,
    );
}

function keyOf({ view, offer }: Choice): string {
  return `${view.id} ${offer.id}`;
}

function nameOf(view: ActorView): string {
  const title = titleOf(view);
  return title === kindWords[view.kind] ? shortPath(view.id) : `${kindWords[view.kind]} ${title}`;
}

/** The first thing that the person typed, briefly. */
function asideOf(value: Readonly<Record<string, unknown>>): string {
  const [first] = Object.values(value).filter((one) => typeof one === 'string' && one !== '');
  if (typeof first !== 'string') return '';
  return `: ${first.length > 60 ? `${first.slice(0, 59).toWellFormed()}…` : first}`;
}
