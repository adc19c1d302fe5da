/** In place of the composer, for those who may only read. */
import { Icon } from '../design/icon.tsx';

export function ReadOnlyBar() {
  return (
    <div class="composer">
      <div class="box closed" role="status">
        <Icon name="lock" />
        <p class="words">You are signed in to read: you cannot write here.</p>
      </div>
    </div>
  );
}
