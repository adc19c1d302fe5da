/** The name of whoever wrote a message. Directions that a name has in it end with it. */
import { unreachable } from '../../../schema/unreachable.ts';
import type { Speaker } from './speakers.ts';

export function SpeakerName({ speaker }: { readonly speaker: Speaker }) {
  switch (speaker.who) {
    case 'you':
      return <strong class="you">You</strong>;
    case 'other':
      return (
        <span class="other-name" title={speaker.id}>
          “<bdi>{speaker.name}</bdi>”
        </span>
      );
    case 'unknown':
      return <span>Author unknown</span>;
    default:
      return unreachable(speaker);
  }
}
