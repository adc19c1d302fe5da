/** Who the user is to the server, and the way out. */
import type { GreetedPrincipal } from '../../client/client.ts';
import { readApiKey } from './api-key.ts';

export function Account(props: {
  /** `undefined`: the server has not said it. */
  readonly principal: GreetedPrincipal | undefined;
  readonly onSignOut: () => void;
}) {
  const { principal, onSignOut } = props;
  // Whom a server without sign-in serves has no name; whom a program signed in, that program signs out.
  const isSomebody = principal !== undefined && principal.id !== 'local';
  const hasKey = readApiKey() !== undefined;
  if (!isSomebody && !hasKey) return null;
  return (
    <div class="account">
      {isSomebody ? (
        <span class="who" dir="auto" title={principal.id}>
          <span class="unseen">Signed in as </span>
          {principal.name ?? principal.id}
        </span>
      ) : null}
      {hasKey ? (
        <button type="button" class="link" onClick={onSignOut}>
          Sign out
        </button>
      ) : null}
    </div>
  );
}
