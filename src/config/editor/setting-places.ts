/** What may be done with each part of the config file, as its declaration says: change it on a page, show it. */
import { engineSettingWords } from '../engine-settings.ts';
import type { ConfigPath, ConfigScalar } from '../file/config-node.ts';
import { settings } from '../settings-list.ts';

const flat = new Map(settings.map((setting) => [setting.key, setting]));
const structured = new Map(Object.entries(engineSettingWords));

/** Whether a page may change this part; never when nothing is declared there. */
export function isForPages(path: ConfigPath): boolean {
  const [key = '', ...below] = path;
  return flat.get(key)?.page ?? structured.get(key)?.page.some((pattern) => fits(pattern, below)) ?? false;
}

export function isDeclared([key = '']: ConfigPath): boolean {
  return flat.has(key) || structured.has(key);
}

/** The settings whose change is in force at once. */
export function isLive(key: string): boolean {
  return (flat.get(key) ?? structured.get(key))?.reload === 'live';
}

/** Whether the scalar may be shown as it is. What nobody has declared to be harmless may be a secret. */
export function isShown(path: ConfigPath, { value }: ConfigScalar): boolean {
  if (value === null) return true;
  const [key = '', ...below] = path;
  const setting = flat.get(key);
  if (setting !== undefined) return setting.secret !== true;
  const words = structured.get(key);
  if (words === undefined) return false;
  if (words.shown.some((pattern) => fits(pattern, below))) return true;
  if (!refersToVariables(path) || typeof value !== 'string') return false;
  const [, part] = below;
  return key === 'providers' && part === 'baseUrl' ? hasNoSecret(value) : isReference(value);
}

/** `${NAME}` has a meaning here. */
export function refersToVariables([key]: ConfigPath): boolean {
  return key === 'providers' || key === 'mcpServers';
}

const reference = /\$\{[A-Za-z_][A-Za-z0-9_]*\}/g;

export function hasReference(value: unknown): value is string {
  return typeof value === 'string' && value.search(reference) >= 0;
}

/** Nothing but references, with a scheme of authentication before them: `Bearer ${TOKEN}`. */
function isReference(value: string): boolean {
  return hasReference(value) && /^(?:bearer|basic|token)?\s*$/i.test(value.replaceAll(reference, ''));
}

function hasNoSecret(address: string): boolean {
  const url = URL.parse(address.replaceAll(reference, 'x'));
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === '');
}

/** `*` stands for one name, a last `**` for all that is below. */
function fits(pattern: readonly string[], path: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '**';
  const named = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? path.length < named.length : path.length !== named.length) return false;
  return named.every((part, index) => part === '*' || part === path[index]);
}
