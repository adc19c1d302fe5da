/** One session of the list. */
import type { ListedSession } from '../../client/followed.ts';
import { RelativeTime } from './relative-time.tsx';

export function SessionRow(props: {
  readonly session: ListedSession;
  readonly isShown: boolean;
  readonly onShow: (id: string) => void;
}) {
  const { session, isShown, onShow } = props;
  const isBusy = session.activity !== undefined && session.activity !== 'idle';
  return (
    <li>
      <a
        class={`session-row ${isShown ? 'shown' : ''}`}
        href={`?session=${session.id}`}
        aria-current={isShown ? 'page' : undefined}
        onClick={(event) => {
          // A click with a modifier key opens the session in another tab, as with any link.
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          onShow(session.id);
        }}
      >
        <span class="title">{session.title}</span>
        {isBusy ? (
          <span class="busy">
            <span class="unseen">answering</span>
          </span>
        ) : (
          <RelativeTime at={session.updatedAt} />
        )}
      </a>
    </li>
  );
}
