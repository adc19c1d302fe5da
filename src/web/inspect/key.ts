/** The key that the server asks for, kept by the browser for this page and its siblings. */
import { stored } from '../design/theme.ts';

const keyName = 'callboard.key';

export function readKey(): string | null {
  return stored(() => sessionStorage.getItem(keyName)) ?? null;
}

export function rememberKey(key: string): void {
  stored(() => sessionStorage.setItem(keyName, key));
}
