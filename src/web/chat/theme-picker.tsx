/** Lets the user choose the theme on this device. */
import { isTheme, themeChoices } from '../design/theme.ts';
import type { ChatModel } from './chat-model.ts';
import { chooseTheme, chosenTheme } from './theme-choice.ts';

export function ThemePicker({ model }: { readonly model: ChatModel }) {
  const configured = model.config.value.value?.theme;
  return (
    <label class="theme-picker">
      <span class="unseen">Theme</span>
      <select
        value={chosenTheme.value ?? 'server'}
        onChange={(event) => {
          const { value } = event.currentTarget;
          chooseTheme(isTheme(value) ? value : undefined);
        }}
      >
        <option value="server">Theme: {configured ?? 'default'}</option>
        {themeChoices.map((theme) => (
          <option key={theme} value={theme}>
            {theme.charAt(0).toUpperCase() + theme.slice(1)}
          </option>
        ))}
      </select>
    </label>
  );
}
