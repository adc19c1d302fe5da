/** Who takes part in a session that several share. */
import { Fragment } from 'preact';
import type { Participant } from '../../client/administration.ts';
import { readableId } from './speakers.ts';

/** Names that are shown; the others are counted. */
const namesMax = 3;

export function ParticipantsView(props: {
  readonly participants: readonly Participant[];
  readonly userId: string | undefined;
}) {
  const { participants, userId } = props;
  if (participants.every(({ id }) => id === userId)) return null;
  const nameOf = ({ id, name }: Participant) => name ?? id;
  const more = participants.length - namesMax;
  return (
    <p class="participants" title={participants.map((one) => `${nameOf(one)} (${one.role})`).join(', ')}>
      <span class="unseen">Taking part: </span>
      {participants.slice(0, namesMax).map((one, index) => (
        <Fragment key={one.id}>
          {index === 0 ? '' : ', '}
          <bdi>{one.name ?? readableId(one.id)}</bdi>
        </Fragment>
      ))}
      {more > 0 ? ` and ${more} more` : ''}
    </p>
  );
}
