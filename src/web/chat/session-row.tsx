/** One session of the list. */
import type { ListedSession } from '../../client/followed.ts';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { RelativeTime } from './relative-time.tsx';
import { shownTitle } from './session-title.ts';

export function SessionRow(props: {
  readonly session: ListedSession;
  readonly isShown: boolean;
  /** A call of it waits for a person. */
  readonly isWaiting: boolean;
  readonly onShow: (id: string) => void;
  /** Absent: it cannot be taken out of the archive here. */
  readonly onUnarchive?: (id: string) => void;
}) {
  const { session, isShown, isWaiting, onShow, onUnarchive } = props;
  const isBusy = session.activity !== undefined && session.activity !== 'idle';
  const title = shownTitle(session.title);
  return (
    <li>
      <a
        class={`session-row ${isShown ? 'shown' : ''}`}
        href={`?session=${session.id}`}
        title={title}
        aria-current={isShown ? 'page' : undefined}
        onClick={(event) => {
          // A click with a modifier key opens the session in another tab, as with any link.
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          onShow(session.id);
        }}
      >
        <span class="title" dir="auto">
          {title}
        </span>
        {session.closedAt === undefined ? null : (
          <span class="closed">
            <Icon name="lock" />
            <span class="unseen">closed</span>
          </span>
        )}
        {isWaiting ? (
          <span class="waits">waits</span>
        ) : isBusy ? (
          <span class="busy">
            <span class="unseen">answering</span>
          </span>
        ) : (
          <RelativeTime at={session.updatedAt} />
        )}
      </a>
      {onUnarchive === undefined ? null : (
        <Button
          look="quiet"
          icon="unarchive"
          label={`Take ${title} out of the archive`}
          onClick={() => onUnarchive(session.id)}
        />
      )}
    </li>
  );
}
