/** The page's theme: that of the runtime config, unless this device has chosen another. */
import { signal } from '@preact/signals';
import { isTheme, showTheme, stored, type Theme } from '../design/theme.ts';

const name = 'callboard.theme';

/** `undefined`: as the runtime config says. */
export const chosenTheme = signal<Theme | undefined>(storedChoice());

export function chooseTheme(theme: Theme | undefined): void {
  chosenTheme.value = theme;
  stored(() => (theme === undefined ? localStorage.removeItem(name) : localStorage.setItem(name, theme)));
}

/** To be called in an effect. `configured` is `undefined` until the config has been read. */
export function followTheme(configured: string | undefined): void {
  const theme = chosenTheme.value ?? configured;
  if (isTheme(theme)) showTheme(theme);
}

function storedChoice(): Theme | undefined {
  const choice = stored(() => localStorage.getItem(name));
  return isTheme(choice) ? choice : undefined;
}
