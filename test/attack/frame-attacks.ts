/** Every frame of the command tables, sent by a stranger. */
import { expect, vi } from 'vitest';
import { commandTable } from '../../schema/command-table.ts';
import { turnCommandTable } from '../../schema/turn-command-table.ts';
import type { Attack } from './attack.ts';
import type { AttackWorld } from './attack-world.ts';

export const commandFrames: readonly string[] = [
  ...Object.values(commandTable),
  ...Object.values(turnCommandTable),
].flatMap(({ frame }) => frame ?? []);

/** Data with which the owner could send the frame. */
export function frameData(event: string, { ids }: Pick<AttackWorld, 'ids'>): object {
  const isAboutTurn = event.startsWith('turn.') && !['turn.start', 'turn.cancel'].includes(event);
  return {
    ...(isAboutTurn ? { turnId: ids.turn } : { sessionId: ids.session }),
    messageId: ids.message,
    leafId: ids.message,
    callId: ids.call,
    content: 'by a stranger',
    message: { role: 'user', content: 'by a stranger' },
    agent: 'stranger',
    lease: 'none',
    ...(event === 'turn.push' ? { parts: [] } : {}),
    error: 'none',
  };
}

export const frameAttacks: readonly Attack[] = [
  ...commandFrames.map((event) => ({
    title: `[OWN3] a stranger is told that there is nothing when it sends ${event}`,
    run: async (world: AttackWorld) => {
      const before = await world.state();
      const socket = await world.listen('stranger', '/live');
      const answer = await socket.ask(event, frameData(event, world));
      expect(answer).toMatchObject({ event: 'exception', data: { code: 'not_found' } });
      await socket.heard();
      expect(await world.state()).toBe(before);
    },
  })),
  {
    title: '[OWN3] a baseline frame of a stranger is refused, and adds nothing',
    run: async ({ state, listen, ids }) => {
      const before = await state();
      const socket = await listen('stranger', '/chat-sessions', false);
      const id = socket.send('message.send', {
        sessionId: ids.session,
        message: { role: 'user', content: 'x' },
      });
      const refused = () => socket.frames.some((frame) => frame.includes(id));
      // What is obeyed has no answer on these sockets.
      await vi.waitFor(async () => {
        if (!refused() && (await state()) === before) throw new Error('neither refused nor obeyed yet');
      }, 60_000);
      expect(refused()).toBe(true);
      await socket.close();
      expect(await state()).toBe(before);
    },
  },
];
