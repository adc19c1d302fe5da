/** Applies a theme to the page, and stores it so that the next page load begins with it. */

import type { RuntimeConfig } from '../../../schema/runtime-config.ts';

export type Theme = RuntimeConfig['theme'];

/** The compiler demands every theme here; the list of the schema comes with its validator, which no page needs. */
const everyTheme: Readonly<Record<Theme, true>> = { light: true, dark: true, midnight: true, aurora: true };
export const themeChoices = Object.keys(everyTheme) as readonly Theme[];

const shownKey = 'callboard.theme.shown';

export function showTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
  stored(() => localStorage.setItem(shownKey, theme));
}

/** Until the runtime config is read, the page uses the stored theme, or else the system's preference. */
export function showLastTheme(): void {
  const last = stored(() => localStorage.getItem(shownKey));
  const preferred = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = isTheme(last) ? last : preferred;
}

export function isTheme(value: unknown): value is Theme {
  return themeChoices.some((theme) => theme === value);
}

/** `undefined` where the browser forbids storage. */
export function stored<Value>(access: () => Value): Value | undefined {
  try {
    return access();
  } catch {
    return undefined;
  }
}
