/** Who takes part in a session that several share. */
import { useEffect, useState } from 'preact/hooks';
import type { Participant } from '../../client/administration.ts';
import type { ChatModel } from './chat-model.ts';

/** Names that are shown; the others are counted. */
const namesMax = 3;

export function ParticipantsView(props: {
  readonly model: ChatModel;
  readonly sessionId: string;
  /** With another value they are read again. */
  readonly updatedAt: string | undefined;
}) {
  const { model, sessionId, updatedAt } = props;
  const [participants, setParticipants] = useState<readonly Participant[]>([]);
  useEffect(() => {
    let isOver = false;
    void model.participants(sessionId).then((read) => {
      if (!isOver) setParticipants(read);
    });
    return () => {
      isOver = true;
    };
  }, [sessionId, updatedAt]);
  if (participants.length < 2) return null;
  const nameOf = ({ id, name }: Participant) => name ?? id;
  const more = participants.length - namesMax;
  return (
    <p class="participants" title={participants.map((one) => `${nameOf(one)} (${one.role})`).join(', ')}>
      <span class="unseen">Taking part: </span>
      {participants.slice(0, namesMax).map(nameOf).join(', ')}
      {more > 0 ? ` and ${more} more` : ''}
    </p>
  );
}
