/**
 * The version of the machines. The journal stores it with every cause, so that a replay knows whether its machines
 * are those of that time.
 */
import { machineCharts } from './charts.ts';

/**
 * Increase it when a machine emits or stores something else for the same events, although its chart is unchanged.
 * Otherwise steps of older journals are shown as `differing` instead of `recorded`.
 */
const decisions = 6;

let version: string | undefined;

/** Made at the first call: the number above, and a hash of every chart. */
export function machinesVersion(): string {
  version ??= `${decisions}.${hashOf(JSON.stringify(machineCharts()))}`;
  return version;
}

/** FNV-1a over UTF-16 units, 32 bits: enough to tell a few versions apart, and pure. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}
