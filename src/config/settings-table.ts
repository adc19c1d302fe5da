/** Makes the table of settings in `docs/configuration.md`; a test compares the document with it. */
import { defaultText, settings } from './settings-list.ts';

/** Markdown, without a newline at its end. */
export function settingsTable(): string {
  const rows = settings.map((setting) => {
    const flag = setting.flag === undefined ? '' : `\`${setting.flag}\``;
    const fallback = defaultText(setting);
    const page = setting.page === true ? 'yes' : '';
    const secret = setting.secret === true ? ' Secret: its value is never shown.' : '';
    return [
      `\`${setting.key}\``,
      `\`${setting.variable}\``,
      flag,
      fallback === '' ? '' : `\`${fallback}\``,
      page,
      setting.reload,
      `${setting.description} ${sentence(setting.allowed)}${secret}`,
    ];
  });
  const head = [
    'key',
    'environment',
    'flag',
    'default',
    'page may change',
    'reload',
    'meaning and legal values',
  ];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
