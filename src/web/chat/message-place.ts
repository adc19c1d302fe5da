/** Brings a message into view once it is in the page. */
import { signal } from '@preact/signals';

/** How long it may take until the message is there, ms. A message of another branch never is. */
const awaitedMs = 5000;

/** The message that is sought: the thread shows it, however far back it is. */
export const soughtMessage = signal<string | undefined>(undefined);

export function showMessage(id: string): void {
  soughtMessage.value = id;
  const end = performance.now() + awaitedMs;
  const look = () => {
    const place = document.querySelector(`[data-message="${CSS.escape(id)}"]`);
    if (place !== null) {
      place.scrollIntoView({ block: 'center' });
      place.classList.add('sought');
    } else if (performance.now() < end) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
