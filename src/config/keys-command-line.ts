/** The part of the command line that is about stored keys: `callboard keys create|list|revoke|rotate`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { keyIdSchema } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { scopeSchema, scopes } from '../../schema/principal.ts';
import { createKeySchema } from '../../schema/stored-key.ts';

/** What was asked for, in the form of `KeyOrder` (src/admin/key-orders.ts). */
export type KeysCommandLine = {
  readonly order:
    | { readonly order: 'create'; readonly key: z.output<typeof createKeySchema> }
    | { readonly order: 'list' }
    | { readonly order: 'revoke'; readonly id: z.output<typeof keyIdSchema> }
    | {
        readonly order: 'rotate';
        readonly id: z.output<typeof keyIdSchema>;
        readonly how: { readonly overlapSeconds: number };
      };
  readonly form: 'json' | 'text';
};

type Given = { readonly json?: true };

/** Adds the commands; `found` is called with what one of them asks for. `now`: the time, for durations. */
export function addKeysCommand(
  program: Command,
  now: () => number,
  found: (asked: KeysCommandLine) => void,
): void {
  const keys = program
    .command('keys')
    .description('Make, list, revoke and rotate the keys that the store keeps, also while the server runs.');
  const formOf = ({ json }: Given) => (json === true ? 'json' : 'text');
  keys
    .command('create')
    .description('Make a key, and print its secret.')
    .requiredOption('--name <text>', 'what the key is called', nameOf)
    .option('--scopes <list>', `separated by commas, of ${scopes.join(', ')}`, scopesOf, ['chat'])
    .option('--tenant <text>', 'the tenant of its principal')
    .option('--expires <when>', 'a duration such as 90d, 12h or 30m, or a date such as 2027-01-31', (text) =>
      expiryOf(text, now()),
    )
    .option('--json', 'print JSON')
    .action((given: Given & { name: string; scopes: string[]; tenant?: string; expires?: string }) => {
      const key = createKeySchema.safeParse({
        name: given.name,
        scopes: given.scopes,
        ...(given.tenant === undefined ? {} : { tenant: given.tenant }),
        ...(given.expires === undefined ? {} : { expiresAt: given.expires }),
      });
      if (!key.success) {
        program.error(
          `error: ${key.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')}`,
        );
      }
      found({ order: { order: 'create', key: key.data }, form: formOf(given) });
    });
  keys
    .command('list')
    .description('List the keys, revoked and expired ones included.')
    .option('--json', 'print JSON')
    .action((given: Given) => found({ order: { order: 'list' }, form: formOf(given) }));
  keys
    .command('revoke')
    .description('Revoke a key: it lets nobody in any more.')
    .argument('<id>', 'the id of the key', idOf)
    .option('--json', 'print JSON')
    .action((id: z.output<typeof keyIdSchema>, given: Given) =>
      found({ order: { order: 'revoke', id }, form: formOf(given) }),
    );
  keys
    .command('rotate')
    .description('Give a key another secret, and print it.')
    .argument('<id>', 'the id of the key', idOf)
    .option('--overlap <seconds>', 'how long the old secret stays good', overlapOf, 0)
    .option('--json', 'print JSON')
    .action((id: z.output<typeof keyIdSchema>, given: Given & { overlap: number }) =>
      found({ order: { order: 'rotate', id, how: { overlapSeconds: given.overlap } }, form: formOf(given) }),
    );
}

function nameOf(text: string): string {
  const { name } = createKeySchema.shape;
  if (name.safeParse(text).success) return text;
  throw new InvalidArgumentError(`It must have 1 to ${limits.participantCharactersMax} characters.`);
}

function scopesOf(text: string): string[] {
  const given = text.split(',').map((one) => one.trim());
  const wrong = given.find((one) => !scopeSchema.safeParse(one).success);
  if (wrong === undefined) return given;
  throw new InvalidArgumentError(
    `There is no scope ${JSON.stringify(wrong)}; there are ${scopes.join(', ')}.`,
  );
}

function idOf(text: string): z.output<typeof keyIdSchema> {
  const id = keyIdSchema.safeParse(text);
  if (id.success) return id.data;
  throw new InvalidArgumentError('It is no id of a key; callboard keys list shows them.');
}

function overlapOf(text: string): number {
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= limits.keyOverlapSecondsMax) return seconds;
  throw new InvalidArgumentError(
    `It must be a whole number of seconds up to ${limits.keyOverlapSecondsMax}.`,
  );
}

const unitMs = { d: 24 * 60 * 60_000, h: 60 * 60_000, m: 60_000 } as const;

function expiryOf(text: string, now: number): string {
  const [, count, unit] = /^(\d{1,5})([dhm])$/.exec(text) ?? [];
  const isDate = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text);
  const at =
    unit === 'd' || unit === 'h' || unit === 'm'
      ? now + Number(count) * unitMs[unit]
      : isDate
        ? Date.parse(text)
        : Number.NaN;
  if (at > now) return new Date(at).toISOString();
  throw new InvalidArgumentError('It must be a duration such as 90d, 12h or 30m, or a date to come.');
}
