/** The log as a list: each event's sender and receiver, the transitions it caused, and its frames. */
import { useSignal } from '@preact/signals';
import { prettyPreview } from '../../chat/pretty-preview.ts';
import { Badge } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import { Checkbox } from '../../design/checkbox.tsx';
import { eventText } from '../chart/chart-words.ts';
import type { Inspector } from '../inspector.ts';
import type { LogFilter, LoggedEvent } from '../log/event-log.ts';
import { clockText } from './duration.ts';
import { nameOfActor } from './state-words.ts';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 28;
const logKinds = ['message', 'emission', 'spawned'] as const;
const kindTexts: Readonly<Record<LoggedEvent['kind'], string>> = {
  message: 'messages',
  emission: 'emissions',
  spawned: 'new actors',
};

export function EventLogView({ inspector }: { readonly inspector: Inspector }) {
  const chosen = useSignal<number | null>(null);
  const shown = inspector.shownLog.value;
  const isPast = inspector.isPast.value;
  const key = isPast ? (chosen.value ?? inspector.past.step.value?.seq ?? null) : chosen.value;
  const active = placeOfKey(shown, key);
  const entry = shown[active];
  return (
    <div class="log">
      <LogBar inspector={inspector} />
      <div class={`log-body ${entry === undefined || chosen.value === null ? '' : 'has-detail'}`}>
        <VirtualList
          label="Events"
          role="listbox"
          count={shown.length}
          rowHeight={rowHeight}
          active={active}
          followsEnd={!isPast && chosen.value === null}
          onActive={(index) => {
            const next = shown[index];
            if (next === undefined) return;
            chosen.value = next.key;
            if (isPast) inspector.moveTo(Math.ceil(next.key));
          }}
          onKey={(pressed) => {
            if (pressed !== 'Escape' || chosen.value === null) return false;
            chosen.value = null;
            return true;
          }}
          row={(index) => <EntryRow entry={shown[index]} inspector={inspector} />}
          empty={<p>{isPast ? 'The log is empty.' : 'Messages between its actors will appear here.'}</p>}
        />
        {entry === undefined || chosen.value === null ? null : (
          <EntryDetail
            entry={entry}
            onClose={() => {
              chosen.value = null;
            }}
          />
        )}
      </div>
    </div>
  );
}

/** The filter of the log; list and diagram share it. */
export function LogBar({ inspector }: { readonly inspector: Inspector }) {
  const { logFilter, isMineOnly } = inspector;
  const change = (part: Partial<LogFilter>) => {
    logFilter.value = { ...logFilter.value, ...part };
  };
  return (
    <div class="log-bar">
      <input
        type="search"
        aria-label="Search events"
        placeholder="Search events"
        value={logFilter.value.text}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <select
        aria-label="Kind of event"
        value={[...logFilter.value.kinds][0] ?? ''}
        onChange={(event) => {
          const kind = logKinds.find((each) => each === event.currentTarget.value);
          change({ kinds: new Set(kind === undefined ? [] : [kind]) });
        }}
      >
        <option value="">everything</option>
        {logKinds.map((kind) => (
          <option key={kind} value={kind}>
            {kindTexts[kind]}
          </option>
        ))}
      </select>
      <Checkbox
        isChecked={isMineOnly.value}
        onChange={(isChecked) => {
          isMineOnly.value = isChecked;
        }}
      >
        this actor only
      </Checkbox>
      <Checkbox isChecked={logFilter.value.pieces} onChange={(pieces) => change({ pieces })}>
        pieces of text
      </Checkbox>
      <span class="gap" />
      {inspector.isPast.value ? null : <LiveTools inspector={inspector} />}
    </div>
  );
}

function LiveTools({ inspector }: { readonly inspector: Inspector }) {
  const { isPaused, dropped } = inspector.present;
  return (
    <>
      {dropped.value === 0 ? null : <Badge tone="warn">{dropped.value} left out</Badge>}
      <Button
        look="quiet"
        icon={isPaused.value ? 'play' : 'pause'}
        label={isPaused.value ? 'Resume the log' : 'Pause the log'}
        onClick={() => inspector.present.togglePause()}
      />
      <Button look="quiet" icon="delete" label="Clear the log" onClick={() => inspector.present.clear()} />
    </>
  );
}

function placeOfKey(entries: readonly LoggedEvent[], key: number | null): number {
  return key === null ? -1 : entries.findIndex((entry) => entry.key === key);
}

function EntryRow({
  entry,
  inspector,
}: {
  readonly entry: LoggedEvent | undefined;
  readonly inspector: Inspector;
}) {
  if (entry === undefined) return null;
  const actors = inspector.actors.peek().all;
  const from = entry.from === null ? 'outside' : nameOfActor(entry.from, actors);
  const to = entry.to === null ? (entry.publication?.namespace ?? 'reply') : nameOfActor(entry.to, actors);
  return (
    <div class={`entry ${entry.kind}`}>
      <span class="time">{clockText(entry.at)}</span>
      <span class="way">
        {from} <span aria-hidden="true">→</span> {to}
      </span>
      <span class="type">
        {entry.kind === 'spawned' ? `new ${eventText(entry.type)}` : eventText(entry.type)}
        {entry.count > 1 ? <span class="count"> ×{entry.count}</span> : null}
      </span>
      <span class="preview">{entry.preview ?? ''}</span>
    </div>
  );
}

function EntryDetail({ entry, onClose }: { readonly entry: LoggedEvent; readonly onClose: () => void }) {
  const { publication, transitions, preview } = entry;
  return (
    <section class="entry-detail" aria-label="Event">
      <div class="entry-head">
        <h3>{eventText(entry.type)}</h3>
        <Button look="quiet" icon="close" label="Close the event" onClick={onClose} />
      </div>
      <dl>
        <dt>from</dt>
        <dd>{entry.from ?? 'outside'}</dd>
        <dt>to</dt>
        <dd>{entry.to ?? 'the world'}</dd>
        {transitions === null ? null : (
          <>
            <dt>took</dt>
            <dd>{transitions.length === 0 ? 'no transition' : transitions.join(', ')}</dd>
          </>
        )}
        {publication === null ? null : (
          <>
            <dt>delivery</dt>
            <dd>
              {[publication.delivery, publication.namespace].filter((part) => part !== null).join(', ')}
              {publication.seq === null ? '' : `, seq ${publication.seq}`}
            </dd>
            {publication.topics.length === 0 ? null : (
              <>
                <dt>topics</dt>
                <dd>{publication.topics.join(', ')}</dd>
              </>
            )}
          </>
        )}
      </dl>
      {preview === null ? null : <pre class="json">{prettyPreview(preview)}</pre>}
      {publication === null || publication.frame === null ? null : (
        <>
          <h4>
            Frame{publication.seq === null && publication.delivery === 'durable' ? ', before its seq' : ''}
          </h4>
          <pre class="json">{publication.frame}</pre>
        </>
      )}
    </section>
  );
}
