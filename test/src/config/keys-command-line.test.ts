/** The arguments of `callboard keys`: what they ask for, and what is wrong with them. */
import { expect, it } from 'vitest';
import { readCommandLine } from '../../../src/config/command-line.ts';

const id = '9d0c5e5b-63a4-4f0e-9f3b-2f1c0a7e5b11';

it.each([
  [
    ['create', '--name', 'The shop', '--scopes', 'chat, logs', '--tenant', 'shop', '--expires', '2999-01-31'],
    {
      order: 'create',
      key: {
        ...{ name: 'The shop', scopes: ['chat', 'logs'], tenant: 'shop' },
        expiresAt: '2999-01-31T00:00:00.000Z',
      },
    },
    'text',
  ],
  [['create', '--name', 'x', '--json'], { order: 'create', key: { name: 'x', scopes: ['chat'] } }, 'json'],
  [['list'], { order: 'list' }, 'text'],
  [['revoke', id], { order: 'revoke', id }, 'text'],
  [['rotate', id], { order: 'rotate', id, how: { overlapSeconds: 0 } }, 'text'],
  [['rotate', id, '--overlap', '60'], { order: 'rotate', id, how: { overlapSeconds: 60 } }, 'text'],
])('[KEY7] %j', (args, order, form) => {
  const line = readCommandLine(['keys', ...args, '--data', 'folder']);
  expect(line).toMatchObject({
    kind: 'run',
    keys: { order, form },
    flags: new Map([['dataFolder', 'folder']]),
  });
});

it('[KEY7] takes durations for the time at which a key expires', () => {
  const line = readCommandLine(['keys', 'create', '--name', 'x', '--expires', '12h']);
  const order = line.kind === 'run' ? line.keys?.order : undefined;
  const at = order?.order === 'create' ? Date.parse(order.key.expiresAt ?? '') : 0;
  expect(Math.abs(at - Date.now() - 12 * 60 * 60_000)).toBeLessThan(60_000);
});

it.each([
  [[], 'try callboard --help'],
  [['create'], "required option '--name <text>' not specified"],
  [['create', '--name', ''], 'It must have 1 to 120 characters.'],
  [['create', '--name', 'x', '--tenant', ''], 'tenant: '],
  [['create', '--name', 'x', '--scopes', 'chat,everything'], 'There is no scope "everything"'],
  [['create', '--name', 'x', '--expires', '2020-01-01'], 'It must be a duration'],
  [['create', '--name', 'x', '--expires', 'soon'], 'It must be a duration'],
  [['rotate', 'x'], 'It is no id of a key'],
  [['rotate', id, '--overlap', '1e9'], 'It must be a whole number'],
  [['rotate', id, '--overlap', '604801'], 'It must be a whole number'],
  [['delete'], "unknown command 'delete'"],
])('[KEY7] keys %j: says what is wrong', (args, says) => {
  const line = readCommandLine(['keys', ...args]);
  expect(line.kind).toBe('wrong');
  expect(line.kind === 'wrong' ? line.message.toLowerCase() : '').toContain(says.toLowerCase());
});
