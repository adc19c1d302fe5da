/**
 * The bar at the top: the page's name, the connection, how many actors run, and the switch between present and past.
 */
import { useEffect } from 'preact/hooks';
import type { ConnectionState } from '../../../client/connection/connection.ts';
import { Badge, type BadgeTone } from '../../design/badge.tsx';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import { census } from '../tree/actor-tree.ts';
import { FileBar } from './file-bar.tsx';

const stateWords: Readonly<Record<ConnectionState, readonly [word: string, tone: BadgeTone]>> = {
  connecting: ['connecting', 'warn'],
  live: ['live', 'good'],
  reconnecting: ['reconnecting', 'warn'],
  closed: ['closed', 'bad'],
};

export function TopBar({ inspector }: { readonly inspector: Inspector }) {
  return (
    <header class="top-bar">
      {inspector.file === null ? <ServerBar inspector={inspector} /> : <FileBar file={inspector.file} />}
      <Notice inspector={inspector} />
    </header>
  );
}

function ServerBar({ inspector }: { readonly inspector: Inspector }) {
  const [word, tone] = stateWords[inspector.present.state.value];
  const isStored = inspector.isPast.value || inspector.isChoosing.value;
  return (
    <>
      <h1>
        <a href="./">Callboard</a> <span>Inspector</span>
      </h1>
      <fieldset class="switch">
        <legend class="unseen">Live or recorded</legend>
        <button type="button" aria-pressed={!isStored} onClick={() => isStored && inspector.goLive()}>
          Live
        </button>
        <button
          type="button"
          aria-pressed={isStored}
          onClick={() => {
            inspector.isChoosing.value = true;
          }}
        >
          Recorded
        </button>
      </fieldset>
      {inspector.isPast.value && tone === 'good' ? null : (
        <Badge tone={tone} busy={tone === 'warn'}>
          {word}
        </Badge>
      )}
      {inspector.isPast.value ? null : <Census inspector={inspector} />}
    </>
  );
}

function Census({ inspector }: { readonly inspector: Inspector }) {
  const { total, byUrgency } = census(inspector.actors.value.all.values());
  return (
    <p class="census">
      <b>{total.toLocaleString('en')}</b> actors
      <span>
        <b>{byUrgency.working.toLocaleString('en')}</b> working
      </span>
      {byUrgency.waiting === 0 ? null : <span class="warn">{byUrgency.waiting} waiting</span>}
      {byUrgency.error === 0 ? null : <span class="bad">{byUrgency.error} failed</span>}
    </p>
  );
}

/** How long a notice stays, ms. */
const noticeMs = 6000;

function Notice({ inspector }: { readonly inspector: Inspector }) {
  const notice = inspector.notice.value;
  useEffect(() => {
    if (notice === null) return;
    const timer = setTimeout(() => {
      inspector.notice.value = null;
    }, noticeMs);
    return () => clearTimeout(timer);
  }, [notice, inspector]);
  return (
    <div class="notice" role="status">
      {notice === null ? null : (
        <>
          {notice}
          <Button
            look="quiet"
            icon="close"
            label="Dismiss"
            onClick={() => {
              inspector.notice.value = null;
            }}
          />
        </>
      )}
    </div>
  );
}
