/** A short word on how something is. `busy`: it is under way. */
import type { ComponentChildren } from 'preact';

export type BadgeTone = 'neutral' | 'good' | 'warn' | 'bad';

export function Badge(props: {
  readonly tone: BadgeTone;
  readonly busy?: boolean;
  readonly children: ComponentChildren;
}) {
  return <span class={`badge ${props.tone} ${props.busy === true ? 'busy' : ''}`}>{props.children}</span>;
}
