/**
 * Tool server: an external server of tools, from its first connection to the end of the process.
 *
 * Goal: a server that dies, or is not running yet, is connected again automatically, and never in a tight loop.
 * Method: the invoked `connection` is one attempt and the connection that it makes; when that is lost the machine
 * waits, twice as long after each attempt that found no tools, and tries again.
 *
 * ```
 *          ┌── server.lost ──┐
 *   connected(connecting ─ server.listed ─► ready)     waiting ── delay ─► connected
 *          └─────────────────────────────────────────────▲
 * ```
 */
import { assertEvent, fromCallback, setup } from 'xstate';
import { limits } from '../schema/limits.ts';
import { failureReason } from './failure-reason.ts';
import { unprovided } from './unprovided.ts';

export type ToolServerEvent =
  /** The server has listed its tools, for the first time or again. */
  | { readonly type: 'server.listed'; readonly tools: number }
  /** The connection failed, or was lost. */
  | { readonly type: 'server.lost'; readonly error: string };

export type ToolServerInput = { readonly name: string };

export type ToolServerContext = ToolServerInput & {
  /** How many tools the last listing had. */
  readonly tools: number;
  /** How many connections were lost since the last listing. */
  readonly failures: number;
  /** Why the last connection was lost; `null` while there is one. */
  readonly error: string | null;
};

const toolServerSetup = setup({
  types: {} as {
    context: ToolServerContext;
    input: ToolServerInput;
    events: ToolServerEvent;
  },
  actors: { connection: fromCallback<ToolServerEvent, ToolServerInput>(unprovided('connection')) },
  delays: {
    reconnectDelay: ({ context }) =>
      Math.min(limits.toolServerRetryMsMax, limits.toolServerRetryMs * 2 ** (context.failures - 1)),
  },
});

const noteTools = toolServerSetup.assign(({ event }) => {
  assertEvent(event, 'server.listed');
  return { tools: event.tools, failures: 0, error: null };
});

const noteLoss = toolServerSetup.assign(({ context, event }) => ({
  failures: context.failures + 1,
  error: 'error' in event ? failureReason(String(event.error)) : 'unknown',
}));

export const toolServerMachine = toolServerSetup.extend({ actions: { noteTools, noteLoss } }).createMachine({
  id: 'toolServer',
  context: ({ input }) => ({ ...input, tools: 0, failures: 0, error: null }),
  initial: 'connected',
  states: {
    connected: {
      invoke: { id: 'connection', src: 'connection', input: ({ context }) => ({ name: context.name }) },
      initial: 'connecting',
      states: {
        connecting: { on: { 'server.listed': { target: 'ready', actions: 'noteTools' } } },
        ready: { on: { 'server.listed': { actions: 'noteTools' } } },
      },
      on: {
        'server.lost': { target: 'waiting', actions: 'noteLoss' },
        'xstate.error.actor.connection': { target: 'waiting', actions: 'noteLoss' },
      },
    },
    waiting: { after: { reconnectDelay: 'connected' } },
  },
});
