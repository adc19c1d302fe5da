/**
 * Every command that is addressed to the server and to no session: one row for each. Routes take their method, path,
 * summary and demands from the row.
 */
import type { CommandDescription } from './command-description.ts';

type ServerCommandRow = CommandDescription & {
  /** What identifies a repetition (I10): an `Idempotency-Key`, or the ids in it, or nothing, so that a repetition is a command of its own. */
  readonly namedBy: 'key' | 'key or id' | 'nothing';
};

const ordinary = { frame: null, scope: 'chat', action: null, sameOrigin: false, namedBy: 'key' } as const;

export const serverCommandTable = {
  'config.update': {
    ...ordinary,
    scope: 'config',
    summary: 'Changes the runtime config: `features` key by key, the rest as a whole.',
    rest: { method: 'PATCH', path: '/config' },
  },
  'config-file.update': {
    ...ordinary,
    scope: 'admin',
    sameOrigin: true,
    namedBy: 'nothing',
    summary:
      'Saves the config file, and puts in force what needs no restart. Sending it again changes nothing.',
    rest: { method: 'PUT', path: '/config/editor' },
  },
  'config.flag.set': {
    ...ordinary,
    scope: 'config',
    summary: 'Sets one flag of the runtime config, a new one too.',
    rest: { method: 'PUT', path: '/config/flags/:name' },
  },
  'config.reset': {
    ...ordinary,
    scope: 'config',
    sameOrigin: true,
    summary: 'Takes the runtime config back to its defaults.',
    rest: { method: 'POST', path: '/config/reset' },
  },
  'trace.create': {
    ...ordinary,
    namedBy: 'key or id',
    summary: 'Makes a trace that clients append spans to.',
    rest: { method: 'POST', path: '/traces' },
  },
  'trace.append': {
    ...ordinary,
    namedBy: 'key or id',
    action: 'take part',
    summary: 'Appends spans to a trace of a client, all of them or none.',
    rest: { method: 'POST', path: '/traces/:id/spans' },
  },
  'trace.finalise': {
    ...ordinary,
    action: 'take part',
    summary: 'Ends a trace of a client: nothing is appended to it from then on.',
    rest: { method: 'POST', path: '/traces/:id/finalise' },
  },
  'layout.update': {
    ...ordinary,
    namedBy: 'nothing',
    summary: 'Merges a layout into the one that is kept: objects key by key, `null` removes a key.',
    rest: { method: 'PUT', path: '/user/preferences/layout' },
  },
  'file.store': {
    ...ordinary,
    summary: 'Stores a file: the body is its bytes, of any type, which is found in them.',
    rest: { method: 'POST', path: '/files' },
  },
  'log.write': {
    ...ordinary,
    scope: 'logs',
    namedBy: 'nothing',
    summary: 'Writes a log entry, to see whether logs arrive.',
    rest: { method: 'POST', path: '/logs' },
  },
  'tool.register': {
    ...ordinary,
    scope: 'tools',
    sameOrigin: true,
    summary: 'Registers a tool of an HTTP endpoint. Only the answer shows its secret.',
    rest: { method: 'POST', path: '/tools' },
  },
  'tool.update': {
    ...ordinary,
    scope: 'tools',
    sameOrigin: true,
    summary: 'Changes a registered tool: each key that is given. Calls that run keep what they began with.',
    rest: { method: 'PATCH', path: '/tools/:name' },
  },
  'tool.deactivate': {
    ...ordinary,
    scope: 'tools',
    sameOrigin: true,
    summary: 'Lets no call of a registered tool begin any more. Calls that run go on.',
    rest: { method: 'POST', path: '/tools/:name/deactivate' },
  },
  'tool.activate': {
    ...ordinary,
    scope: 'tools',
    sameOrigin: true,
    summary: 'Offers models a deactivated tool again.',
    rest: { method: 'POST', path: '/tools/:name/activate' },
  },
  'tool.rotate-secret': {
    ...ordinary,
    scope: 'tools',
    sameOrigin: true,
    summary: 'Gives a registered tool another secret. Only the answer shows it.',
    rest: { method: 'POST', path: '/tools/:name/rotate-secret' },
  },
  'key.create': {
    ...ordinary,
    scope: 'keys',
    sameOrigin: true,
    summary: 'Makes a key that allows no more than its maker may. Only the answer shows its secret.',
    rest: { method: 'POST', path: '/keys' },
  },
  'key.revoke': {
    ...ordinary,
    scope: 'keys',
    sameOrigin: true,
    summary: 'Revokes a key: it lets nobody in any more, and its sockets are closed. Idempotent.',
    rest: { method: 'DELETE', path: '/keys/:id' },
  },
  'key.rotate': {
    ...ordinary,
    scope: 'keys',
    sameOrigin: true,
    summary: 'Gives a key another secret; it stays the same principal. Only the answer shows the secret.',
    rest: { method: 'POST', path: '/keys/:id/rotate' },
  },
} as const satisfies Readonly<Record<string, ServerCommandRow>>;

export type ServerCommandType = keyof typeof serverCommandTable;
