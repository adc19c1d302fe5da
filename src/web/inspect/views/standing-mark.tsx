/** How a session stands, in words. */
import type { SessionOutcome, SessionStanding } from '../../../../schema/recording.ts';
import { Badge, type BadgeTone } from '../../design/badge.tsx';
import { durationText } from './duration.ts';

export const outcomeWords: Readonly<Record<SessionOutcome, readonly [word: string, tone: BadgeTone]>> = {
  waiting: ['waits for a person', 'warn'],
  failed: ['failed', 'bad'],
  interrupted: ['interrupted', 'bad'],
  running: ['running', 'good'],
  queued: ['queued', 'good'],
  cancelled: ['cancelled', 'neutral'],
  completed: ['completed', 'neutral'],
};

export function StandingMark({
  standing,
}: {
  readonly standing: Pick<SessionStanding, 'outcome' | 'durationMs' | 'reason'>;
}) {
  const { outcome, durationMs, reason } = standing;
  if (outcome === null) return null;
  const [word, tone] = outcomeWords[outcome];
  return (
    <>
      <Badge tone={tone}>{word}</Badge>{' '}
      {durationMs === null || outcome === 'waiting' ? '' : `${durationText(durationMs)} · `}
      {reason === null ? '' : `${reason} · `}
    </>
  );
}
