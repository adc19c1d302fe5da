/** Who wrote what, as the page tells it where several take part. */
import type { Participant } from '../../client/administration.ts';
import type { GreetedPrincipal, SessionMessage } from '../../client/client.ts';

/**
 * `you`: the user. `other`: somebody else, whose name is shown in quotation marks, so that nobody called “You” can be
 * taken for the user. `unknown`: the server does not know it.
 */
export type Speaker =
  | { readonly who: 'you' }
  | { readonly who: 'other'; readonly name: string; readonly id: string }
  | { readonly who: 'unknown' };

/** `undefined`: nobody need be named. */
export type SpeakerOf = ((message: SessionMessage) => Speaker) | undefined;

type User = Pick<GreetedPrincipal, 'id'>;

/** Whether there is somebody else than the user. */
export function isShared(
  messages: readonly SessionMessage[],
  participants: readonly Participant[],
  user: User | undefined,
): boolean {
  if (user === undefined) return false;
  return (
    participants.some(({ id }) => id !== user.id) ||
    messages.some(({ author }) => author !== undefined && author.id !== user.id)
  );
}

export function speakersOf(participants: readonly Participant[], user: User): NonNullable<SpeakerOf> {
  const names = new Map(participants.map(({ id, name }) => [id, name]));
  return ({ author }) => {
    if (author === undefined) return { who: 'unknown' };
    if (author.id === user.id) return { who: 'you' };
    const name = [author.name, names.get(author.id)].find((one) => one !== undefined && isVisible(one));
    return { who: 'other', name: name ?? readableId(author.id), id: author.id };
  };
}

/** `key:Q2ab…` says little: its kind, and enough to tell it from others. */
export function readableId(id: string): string {
  const [, kind, rest = ''] = /^(key|jwt|app):(.*)$/s.exec(id) ?? [];
  switch (kind) {
    case 'key':
      return rest.length > keyUnitsShown ? `key ${rest.slice(0, keyUnitsShown)}…` : `key ${rest}`;
    case 'jwt':
      // The issuer, which may be an address, stands before the subject.
      return rest.slice(rest.lastIndexOf(':') + 1) || id;
    case 'app':
      return rest;
    default:
      return id;
  }
}

const keyUnitsShown = 6;

/** Whether there is anything to be seen of it. */
function isVisible(name: string): boolean {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name);
}
