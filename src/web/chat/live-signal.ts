/** Live values of the client library as signals. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { LiveValue } from '../../client/client.ts';

/** Ends when the value does. */
export function liveSignal<Value>(live: LiveValue<Value>): ReadonlySignal<Value> {
  const shown = signal(live.value);
  live.subscribe((value) => {
    shown.value = value;
  });
  return shown;
}

/** Follows at most once per frame: however fast text comes, the page is drawn no faster than it is shown. */
export function framedSignal<Value>(live: LiveValue<Value>): ReadonlySignal<Value> {
  const shown = signal(live.value);
  let isAwaited = false;
  live.subscribe(() => {
    if (isAwaited) return;
    isAwaited = true;
    requestAnimationFrame(() => {
      isAwaited = false;
      shown.value = live.value;
    });
  });
  return shown;
}
