/** What the selected actor remembers. */
import type { ActorView } from '../../../../schema/actor-view.ts';
import { prettyPreview } from '../../chat/pretty-preview.ts';

export function ContextView({ view }: { readonly view: ActorView | null }) {
  const context = view?.context ?? null;
  if (context === null) return <p class="hint">Nothing is known of its context.</p>;
  return <pre class="json">{prettyPreview(context)}</pre>;
}
