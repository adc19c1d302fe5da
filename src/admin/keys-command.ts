/**
 * `callboard keys`: speaks to the server that runs on the data folder, and opens the store itself only when none runs. Who
 * holds the store's lock decides that, so the two can never both write.
 */
import type { Log } from '../../actors/ports.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { StoredKey } from '../../schema/stored-key.ts';
import type { Config } from '../config/settings.ts';
import { StoreInUseError } from '../storage/storage-open-error.ts';
import { askServer } from './admin-request.ts';
import type { KeyOrder, KeyOrderResult } from './key-orders.ts';
import { isTrusted, socketPlace } from './socket-place.ts';
import { obeyInStore } from './unserved-store.ts';

/** A server that starts holds the store before it listens: how often, and how long in between, its socket is tried, ms. */
const triesMax = 20;
const pauseMs = 250;

/** Rejects with `StorageOpenError` when no server runs and the store cannot be opened. */
export async function obeyed(
  order: KeyOrder,
  config: Pick<Config, 'dataFolder' | 'databaseUrl' | 'sqliteSynchronous'>,
): Promise<Outcome<KeyOrderResult>> {
  const place = socketPlace(config.dataFolder);
  const { path } = place;
  for (let tries = 1; ; tries++) {
    let problem = 'nobody listens there';
    try {
      const outcome = isTrusted(place, config.dataFolder) ? await askServer(path, order) : 'absent';
      if (outcome !== 'absent') return outcome;
    } catch (cause) {
      problem = cause instanceof Error ? cause.message : String(cause);
      return refused(refusal('unavailable', `The server at ${path} gave no answer: ${problem}`));
    }
    try {
      return await obeyInStore(order, { ...config, log: silent });
    } catch (cause) {
      if (!(cause instanceof StoreInUseError)) throw cause;
      if (tries === triesMax) {
        return refused(
          refusal(
            'unavailable',
            `${cause.message}, and it cannot be asked at ${path}: ${problem}. Give the --data of that server, as its user, or stop it`,
          ),
        );
      }
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

const silent: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** What is printed. */
export function resultText(result: KeyOrderResult, form: 'json' | 'text'): string {
  if (form === 'json') return JSON.stringify(result, null, 2);
  if (Array.isArray(result)) return result.length === 0 ? 'There are no keys.' : table(result);
  if (!('secret' in result)) return `Key ${result.id} (${result.name}) is revoked.`;
  return [
    `Key ${result.id} (${result.name}), scopes ${result.scopes.join(', ')}. Its secret, which is shown this once:`,
    result.secret ?? '',
  ].join('\n');
}

function table(keys: readonly StoredKey[]): string {
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scopes.join(','),
    key.tenant ?? '-',
    key.revokedAt === null ? (key.expiresAt ?? 'never') : 'revoked',
    key.lastUsedAt ?? 'never',
  ]);
  const all = [['ID', 'NAME', 'SCOPES', 'TENANT', 'EXPIRES', 'LAST USED'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
