/** `auth.refresh`: an open connection rests on another token from now on ([TOK4]). */
import type { Principal } from '../../../schema/principal.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import type { Authentication } from './authentication.ts';

/** What the connection rests on then. What it hears was decided when it was opened, so that must stay the same. */
export function renewedBy(now: Authentication, judged: Outcome<Authentication>): Outcome<Authentication> {
  if (!judged.ok) return judged;
  const [before, after] = [now.principal, judged.value.principal];
  if (before.id !== after.id || before.tenant !== after.tenant) {
    return refused(refusal('forbidden', 'The token is of another principal'));
  }
  if (!isSameSet(before.scopes, after.scopes) || !isSameNarrowing(before, after)) {
    return refused(
      refusal(
        'conflict',
        'The token allows other things than this connection was opened with; open another one',
      ),
    );
  }
  return judged;
}

function isSameNarrowing({ sessions: one }: Principal, { sessions: other }: Principal): boolean {
  return one === null || other === null ? one === other : isSameSet(one, other);
}

function isSameSet<Value>(one: ReadonlySet<Value>, other: ReadonlySet<Value>): boolean {
  return one.size === other.size && one.isSubsetOf(other);
}
