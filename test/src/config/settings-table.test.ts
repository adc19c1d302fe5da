import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../../src/config/settings-list.ts';
import { settingsTable } from '../../../src/config/settings-table.ts';

describe('the table of settings', () => {
  it('is current in docs/configuration.md', () => {
    const document = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const table = document.split('\n').filter((line) => line.startsWith('|'));
    expect(table.join('\n')).toBe(settingsTable());
  });

  it('gives every setting a variable of its own', () => {
    const variables = settings.map((setting) => setting.variable);
    expect(new Set(variables).size).toBe(variables.length);
  });
});
