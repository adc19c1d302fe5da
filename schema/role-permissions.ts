/** What a role in a session allows (SPEC [OWN3]). Without the schemas of roles, so that pages can have it. */
import type { ParticipantRole } from './participant.ts';
import { unreachable } from './unreachable.ts';

/**
 * `see`: to read it and hear of it. `take part`: to add to the conversation, and to stop its turns. `own`: to change,
 * close and delete it, to decide about tool calls, to say who takes part.
 */
export type SessionAction = 'see' | 'take part' | 'own';

export function roleAllows(role: ParticipantRole, action: SessionAction): boolean {
  switch (role) {
    case 'owner':
      return true;
    case 'agent':
      return action !== 'own';
    case 'observer':
      return action === 'see';
    default:
      return unreachable(role);
  }
}
