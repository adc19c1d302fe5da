/** The page's own keyboard shortcuts. */

export type ShortcutAction = 'new' | 'next' | 'previous' | 'write' | 'help' | 'escape';

/** Shortcuts as the help lists them. */
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
  // Uses the key's position: with Alt held, many keyboards report another character as `key`.
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
