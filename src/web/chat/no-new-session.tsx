/** In place of the page where a session begins, for those who may not begin any. */
import type { Permissions } from './permissions.ts';

export function NoNewSession({ permissions }: { readonly permissions: Permissions }) {
  return (
    <div class="apology" role="status">
      <h1>Choose a session</h1>
      <p>
        {permissions.write
          ? 'You are signed in for the sessions in the list, and cannot begin another.'
          : 'You are signed in to read. You cannot write messages, nor begin a session.'}
      </p>
    </div>
  );
}
