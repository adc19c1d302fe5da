/** What the keyboard does besides what it does in every page. */

export type ShortcutAction = 'new' | 'next' | 'previous' | 'write' | 'help' | 'escape';

/** As the help shows them. */
export const shortcuts: readonly (readonly [keys: readonly string[], what: string])[] = [
  [['Enter'], 'Send'],
  [['Shift', 'Enter'], 'New line'],
  [['Esc'], 'Stop the answer'],
  [['Alt', 'N'], 'New session'],
  [['Alt', '↓'], 'Next session'],
  [['Alt', '↑'], 'Previous session'],
  [['/'], 'Go to the message field'],
  [['?'], 'Show this'],
];

export function actionFor(event: KeyboardEvent): ShortcutAction | undefined {
  if (event.key === 'Escape') return 'escape';
  if (event.ctrlKey || event.metaKey) return undefined;
  // By position: with Alt held, `key` is another character on many keyboards.
  if (event.altKey) {
    if (event.code === 'KeyN') return 'new';
    if (event.code === 'ArrowDown') return 'next';
    return event.code === 'ArrowUp' ? 'previous' : undefined;
  }
  if (isWriting(event.target)) return undefined;
  if (event.key === '/') return 'write';
  return event.key === '?' ? 'help' : undefined;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select');
}
