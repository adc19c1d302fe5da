/** How long ago an event was, updated while it is shown. */
import { signal } from '@preact/signals';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** The time now, ms. It changes every half minute, for all components that show a time. */
export const minutes = signal(Date.now());
setInterval(() => {
  minutes.value = Date.now();
}, minute / 2);

export function RelativeTime({ at }: { readonly at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={date.toLocaleString()}>
      {timeWords(Math.max(0, minutes.value - date.getTime()), date)}
    </time>
  );
}

function timeWords(age: number, date: Date): string {
  if (age < minute) return 'now';
  if (age < hour) return `${Math.floor(age / minute)} min`;
  if (age < day) return `${Math.floor(age / hour)} h`;
  if (age < 7 * day) return `${Math.floor(age / day)} d`;
  return date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
