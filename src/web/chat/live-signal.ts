/** Turns live values of the client library into signals. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { LiveValue } from '../../client/client.ts';

/** The signal ends when the value ends. */
export function liveSignal<Value>(live: LiveValue<Value>): ReadonlySignal<Value> {
  const shown = signal(live.value);
  live.subscribe((value) => {
    shown.value = value;
  });
  return shown;
}

/** Updates at most once per screen frame, however fast text arrives. */
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
