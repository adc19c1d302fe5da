/** A sequence of events, and REST's answer somewhere in its middle. */
import fc from 'fast-check';
import type { EventFrame } from '../../../../src/client/server-frame.ts';

/** Every prefix of `story` may be REST's answer; every event since `from` comes after that. */
export function fromAnywhere<State>(
  story: readonly EventFrame[],
  nothing: State,
  apply: (state: State, event: EventFrame) => State | undefined,
  { read, from }: { readonly read: number; readonly from: number },
): { readonly told: State; readonly merged: State } {
  const fold = (state: State, events: readonly EventFrame[]) =>
    events.reduce((before, event) => apply(before, event) ?? before, state);
  return { told: fold(nothing, story), merged: fold(fold(nothing, story.slice(0, read)), story.slice(from)) };
}

/** How many events REST's answer has seen, and from which on events come. */
export const cut = (length: number) =>
  fc.tuple(fc.nat(length), fc.nat(length)).map(([a, b]) => ({ read: Math.max(a, b), from: Math.min(a, b) }));
