/** The page's own keyboard shortcuts. */
import type { Permissions } from './permissions.ts';

export type ShortcutAction = 'new' | 'next' | 'previous' | 'write' | 'search' | 'help' | 'escape';

type Shortcut = readonly [keys: readonly string[], what: string, needs?: keyof Permissions];

/** Shortcuts as the help lists them. */
export const shortcuts: readonly Shortcut[] = [
  [['Enter'], 'Send', 'write'],
  [['Shift', 'Enter'], 'New line', 'write'],
  [['Esc'], 'Stop the answer', 'write'],
  [['Alt', 'N'], 'New session', 'begin'],
  [['Alt', '↓'], 'Next session'],
  [['Alt', '↑'], 'Previous session'],
  [['Ctrl', 'K'], 'Search'],
  [['/'], 'Go to the message field', 'write'],
  [['?'], 'Show this'],
];

export function actionFor(event: KeyboardEvent): ShortcutAction | undefined {
  if (event.key === 'Escape') return 'escape';
  if (event.ctrlKey || event.metaKey) {
    return event.code === 'KeyK' && !event.shiftKey && !event.altKey ? 'search' : undefined;
  }
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
