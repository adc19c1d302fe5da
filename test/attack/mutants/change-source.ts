/**
 * Loaded into a server, and into each of its threads, before everything else: changes one place of one source file as it
 * is loaded. `CHANGED_SOURCE` says which. The file on disk stays what it is.
 */
import { registerHooks } from 'node:module';

const change: unknown = JSON.parse(process.env['CHANGED_SOURCE'] ?? 'null');

function part(name: string): unknown {
  return typeof change === 'object' && change !== null ? Reflect.get(change, name) : undefined;
}

const url = String(part('url'));
const from = Number(part('from'));
const to = Number(part('to'));

registerHooks({
  load(wanted, context, nextLoad) {
    const loaded = nextLoad(wanted, context);
    if (wanted !== url) return loaded;
    const text = String(loaded.source);
    if (text.slice(from, to) !== part('was')) throw new Error(`${url} has changed meanwhile`);
    return { ...loaded, source: text.slice(0, from) + String(part('becomes')) + text.slice(to) };
  },
});
