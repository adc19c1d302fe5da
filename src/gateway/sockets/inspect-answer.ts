/** Answers the frames of inspectors ([INS2]). */
import { hasScope, type Principal } from '../../../schema/principal.ts';
import { missingScope, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { CallboardV1ClientFrame } from '../../../schema/wire/callboard-v1-frame.ts';
import type { Inspectors, InspectReader } from '../../inspect/inspectors.ts';

export type InspectClientFrame = Extract<CallboardV1ClientFrame, { event: `inspect.${string}` }>;

export function inspectAnswer(
  frame: InspectClientFrame,
  principal: Principal,
  inspectors: Pick<Inspectors, 'subscribe' | 'unsubscribe' | 'focus'>,
  reader: InspectReader,
): Outcome<unknown> {
  // The live tree has the actors of all sessions.
  for (const scope of ['inspect', 'sessions:all'] as const) {
    if (!hasScope(principal, scope)) return refused(missingScope(scope));
  }
  if (principal.tenant !== null || principal.sessions !== null) {
    return refused(refusal('forbidden', 'The live tree has the sessions of all tenants'));
  }
  switch (frame.event) {
    case 'inspect.subscribe':
      return inspectors.subscribe(reader);
    case 'inspect.unsubscribe':
      return inspectors.unsubscribe(reader);
    case 'inspect.focus':
      return inspectors.focus(reader, frame.data.actorId);
    default:
      return unreachable(frame);
  }
}
