/** A label of one or two words for a state. `busy`: something is in progress. */
import type { ComponentChildren } from 'preact';

export type BadgeTone = 'neutral' | 'good' | 'warn' | 'bad';

export function Badge(props: {
  readonly tone: BadgeTone;
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}) {
  return <span class={`badge ${props.tone} ${props.busy === true ? 'busy' : ''}`}>{props.children}</span>;
}
