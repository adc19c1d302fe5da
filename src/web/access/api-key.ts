/** The server's API key, or a token of it, stored until the tab is closed or, if the user chooses so, on this device. */
import { stored } from '../design/theme.ts';

const name = 'callboard.key';

export function readApiKey(): string | undefined {
  return stored(() => sessionStorage.getItem(name) ?? localStorage.getItem(name)) ?? undefined;
}

/** Whether it is a token: those are never put into an address. */
export function isToken(credential: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);
}

export function keepApiKey(key: string, where: 'tab' | 'device'): void {
  forgetApiKey();
  stored(() => (where === 'tab' ? sessionStorage : localStorage).setItem(name, key));
}

export function forgetApiKey(): void {
  stored(() => sessionStorage.removeItem(name));
  stored(() => localStorage.removeItem(name));
}
