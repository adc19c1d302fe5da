/** The command tables: every command can be given in every way that its row says. */
import { describe, expect, it } from 'vitest';
import { type CommandDoor, doorMethods } from '../../actors/door/command-door.ts';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import { commandTable } from '../../schema/command-table.ts';
import { serverCommandTable } from '../../schema/server-command-table.ts';
import { callboardV1ClientEvents } from '../../schema/wire/callboard-v1-frame.ts';
import { routes } from '../../src/gateway/routes/route-table.ts';

describe('the command table', () => {
  it.each(Object.entries(commandTable))(
    '[CMD5] %s has its route, its frame and its method of the door',
    (type, { rest, frame, summary }) => {
      const route = routes.filter(({ method, path }) => method === rest.method && path === rest.path);
      expect(route).toMatchObject([{ summary }]);
      if (frame !== null) expect(callboardV1ClientEvents).toHaveProperty([frame]);
      const methods: Readonly<Record<string, keyof CommandDoor>> = doorMethods;
      expect(methods[type]).toBeDefined();
    },
  );

  it.each(Object.entries(serverCommandTable))('[CMD5] %s has its route', (_type, { rest, summary }) => {
    const route = routes.filter(({ method, path }) => method === rest.method && path === rest.path);
    expect(route).toMatchObject([{ summary }]);
  });

  it('[CMD5] each command is answered in every state of a session', () => {
    const { unborn, open, deleting } = chatSessionMachine.states;
    const { taking, closed } = open?.states['intake']?.states ?? {};
    for (const [type, { whileClosed }] of Object.entries(commandTable)) {
      for (const state of [unborn, deleting]) expect(state?.on).toHaveProperty([type]);
      const answering = whileClosed === 'taken' ? [open] : [taking, closed];
      for (const state of answering) expect(state?.on).toHaveProperty([type]);
    }
  });
});
