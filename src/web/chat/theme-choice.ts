/** The page's theme: the runtime config's, unless the user has chosen another on this device. */
import { signal } from '@preact/signals';
import { isTheme, showTheme, stored, type Theme } from '../design/theme.ts';

const name = 'callboard.theme';

/** `undefined`: the runtime config decides. */
export const chosenTheme = signal<Theme | undefined>(storedChoice());

export function chooseTheme(theme: Theme | undefined): void {
  chosenTheme.value = theme;
  stored(() => (theme === undefined ? localStorage.removeItem(name) : localStorage.setItem(name, theme)));
}

/** Call this in an effect. `configured` is `undefined` until the config has been read. */
export function followTheme(configured: string | undefined): void {
  const theme = chosenTheme.value ?? configured;
  if (isTheme(theme)) showTheme(theme);
}

function storedChoice(): Theme | undefined {
  const choice = stored(() => localStorage.getItem(name));
  return isTheme(choice) ? choice : undefined;
}
