/**
 * Files that tools return, and files that providers refuse, through the real actors over fake ports. Goal: the former are
 * kept, shown behind their calls, and
 * given to the model with the result; what cannot be kept costs itself alone; nothing of it is lost with a process.
 */
import { describe, expect, it } from 'vitest';
import { SessionReplay } from '../../actors/replay/session-replay.ts';
import type { Tool } from '../../actors/tool-ports.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { partsOf } from '../../schema/message-part.ts';
import { accepted, refusal, refused } from '../../schema/refusal.ts';
import {
  type ActorWorld,
  acceptedValue,
  actorWorld,
  countingIds,
  echoTool,
  tickingClock,
} from '../fakes/actor-world.ts';
import type { ScriptedCall } from '../fakes/scripted-engine.ts';
import { memorySessionFiles } from '../fakes/session-files.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

/** Returns `count` files, and fails if it is told to. */
const camera: Tool = {
  ...echoTool,
  name: 'camera',
  inputSchema: { type: 'object' },
  run: async ({ count = 1, fails = false }, { attach }) => {
    for (let shot = 1; shot <= Number(count); shot++)
      await attach({ name: `../shot-${shot}.png`, bytes: png });
    return fails === true ? refused(refusal('bad_request', 'blurred')) : accepted('taken');
  },
};

type Call = { readonly name: string; readonly argumentsJson: string };

async function asked(world: ActorWorld, session: SessionId, text: string, calls: readonly Call[]) {
  await world.say(session, 'Take a picture');
  const call = await world.engine.nextCall();
  if (text !== '') await call.give({ type: 'text', text });
  for (const [index, one] of calls.entries())
    await call.give({ type: 'tool-call', modelCallId: `c${index}`, ...one });
  await call.give({ type: 'finish', reason: 'tool-calls' });
  return await world.engine.nextCall();
}

async function finished(world: ActorWorld, session: SessionId, call: Awaited<ReturnType<typeof asked>>) {
  await call.give({ type: 'text', text: 'Here.' });
  await call.give({ type: 'finish', reason: 'stop' });
  await world.publisher.turnsEnded(1);
  const answer = (await world.storage.readModel.messages(session, { limit: 9 }, 'current')).at(-1);
  if (answer === undefined) throw new Error('no answer');
  return { answer, parts: partsOf(answer.content, answer.marks ?? []) };
}

const shot = (count: number) => ({
  type: 'file',
  name: `shot-${count}.png`,
  mediaType: 'image/png',
  bytes: 16,
});
const snap = (more: object = {}): Call => ({ name: 'camera', argumentsJson: JSON.stringify(more) });

describe('files that tools return', () => {
  it.each(['Let me see. ', ''])(
    '[FIL39] [FIL40] stand behind their calls, and go with the result to a model that sees: after %j',
    async (text) => {
      const world = await actorWorld({ tools: [camera, echoTool], engineAccepts: ['image'] });
      const session = await world.createSession();
      const next = await asked(world, session, text, [snap({ count: 2 }), snap({ fails: true })]);
      const results = next.request.conversation.filter(({ role }) => role === 'tool');
      expect(results).toMatchObject([
        {
          content: 'taken',
          failed: false,
          attachments: [{ name: 'shot-1.png', offset: 5 }, { name: 'shot-2.png' }],
        },
        { content: 'blurred', failed: true, attachments: [{ name: 'shot-1.png' }] },
      ]);
      const { answer, parts } = await finished(world, session, next);
      const kinds = parts.map((part) => (part.type === 'file' ? part.name : part.type));
      expect(kinds.slice(0, text === '' ? 0 : 1)).toEqual(text === '' ? [] : ['text']);
      const called = kinds.slice(text === '' ? 0 : 1, -2);
      expect(called.slice(0, 2)).toEqual(['tool-call', 'tool-call']);
      expect(called.slice(2).toSorted()).toEqual(['shot-1.png', 'shot-1.png', 'shot-2.png']);
      expect(kinds.slice(-2)).toEqual(['step', 'text']);
      const [first, second] = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
      expect(first?.files).toMatchObject([shot(1), shot(2)]);
      expect(second).toMatchObject({ status: 'failed', files: [shot(1)] });
      // Nothing takes them away as long as the answer is there.
      expect(world.storage.tables.files.references().map(({ messageId }) => messageId)).toEqual(
        Array.from({ length: 3 }, () => answer.id),
      );
      // What led there is in the journal, so it can be replayed.
      const journal = await world.storage.eventLog.ofSession({ sessionId: session, after: 0, limit: 999 });
      const bases = [...new SessionReplay(session, journal).steps()].map(({ basis }) => basis);
      expect(new Set(bases)).toEqual(new Set(['replayed']));
      await world.system.stop();
    },
  );

  it('[FIL40] are told in words to a model that does not see', async () => {
    const world = await actorWorld({ tools: [camera] });
    const session = await world.createSession();
    const next = await asked(world, session, '', [snap()]);
    const [result] = next.request.conversation.filter(({ role }) => role === 'tool');
    expect(result).not.toHaveProperty('attachments');
    expect(result?.content).toBe(
      'taken\n[The file "shot-1.png" (image/png, 16 bytes) is not given to you: this model takes no images.]\n',
    );
    await finished(world, session, next);
    await world.system.stop();
  });

  it('[FIL39] cost themselves alone when they cannot be kept, or are too many', async () => {
    const files = memorySessionFiles((file) => {
      if (file.name.includes('shot-1.')) return refusal('unavailable', 'full');
      if (file.name.includes('shot-2.')) throw new Error('broken');
      return null;
    });
    const world = await actorWorld({ tools: [camera], files });
    const session = await world.createSession();
    const count = limits.toolCallFilesMax + 3;
    await finished(world, session, await asked(world, session, 'So: ', [snap({ count })]));
    const [call] = await world.storage.readModel.sessionToolCalls(session, { limit: 9 });
    expect(call).toMatchObject({ status: 'completed', result: 'taken' });
    expect(call?.files?.map(({ name }) => name)).toEqual(
      Array.from({ length: limits.toolCallFilesMax - 2 }, (_, index) => `shot-${index + 3}.png`),
    );
    const reasons = world.logs.flatMap(({ level, message }) => (level === 'warn' ? [message] : []));
    expect(reasons.filter((words) => words.includes('is not kept'))).toHaveLength(5);
    await world.system.stop();
  });

  it.each(['So: ', ''])(
    '[FIL39] [APR5] are not lost while another call waits for a person, through a restart: after %j',
    async (text) => {
      const guarded: Tool = { ...echoTool, name: 'guarded', requiresApproval: true };
      const options = { tools: [camera, guarded], engineAccepts: ['image'] as const };
      const first = await actorWorld(options);
      const session = await first.createSession();
      void asked(first, session, text, [snap(), { name: 'guarded', argumentsJson: '{}' }]);
      await first.publisher.until((seen) => seen.some(({ event }) => event.type === 'tool.result'));
      await first.system.drain(0);
      await first.system.stop();

      const second = await actorWorld({
        ...{ ...options, storage: first.storage },
        ...{ clock: tickingClock(Date.UTC(2026, 10, 24)), ids: countingIds(1000) },
      });
      await second.system.recover();
      const [, waiting] = await second.storage.readModel.sessionToolCalls(session, { limit: 9 });
      if (waiting === undefined) throw new Error('no call waits');
      acceptedValue(await second.system.door.approveToolCall(session, waiting.id));
      const next = await second.engine.nextCall();
      expect(next.request.conversation.filter(({ role }) => role === 'tool')).toMatchObject([
        { name: 'camera', attachments: [{ name: 'shot-1.png' }] },
        { name: 'guarded' },
      ]);
      const { parts } = await finished(second, session, next);
      const kinds = parts.map(({ type }) => type);
      expect(kinds).toEqual([
        ...(text === '' ? [] : ['text']),
        ...['tool-call', 'tool-call', 'file', 'step', 'text'],
      ]);
      await second.system.stop();
    },
  );

  it('[FIL39] are told of in later turns, after a restart too', async () => {
    const first = await actorWorld({ tools: [camera], engineAccepts: ['image'] });
    const session = await first.createSession();
    await finished(first, session, await asked(first, session, '', [snap()]));
    await first.system.stop();
    const again = await actorWorld({
      ...{ storage: first.storage, tools: [camera], engineAccepts: ['image'] as const },
      ...{ clock: tickingClock(Date.UTC(2026, 10, 24)), ids: countingIds(1000) },
    });
    await again.say(session, 'What was in it?');
    const { request } = await again.engine.nextCall();
    expect(request.conversation.find(({ role }) => role === 'tool')).toMatchObject({
      attachments: [{ name: 'shot-1.png' }],
    });
    await again.system.stop();
  });

  it('[FIL33] [I14] that a provider refuses make nothing unanswerable: the next question is asked without them', async () => {
    const files = memorySessionFiles();
    const world = await actorWorld({ tools: [], files, engineAccepts: ['image'] });
    const session = await world.createSession();
    const { id } = acceptedValue(await files.keep({ name: 'bad.png', bytes: png }, session));
    const parts = [
      { type: 'text' as const, text: 'What is this?' },
      { type: 'file' as const, fileId: id },
    ];
    const { door } = world.system;
    acceptedValue(
      await door.addMessage(session, { role: 'user', parts, toolCallId: undefined, name: undefined }),
    );
    const refusal = { type: 'error' as const, code: 'invalid_request' as const, message: 'a broken image' };
    const hasFile = ({ request }: ScriptedCall) =>
      request.conversation.some((one) => one.role === 'user' && one.attachments !== undefined);
    const first = await world.engine.nextCall();
    expect(hasFile(first)).toBe(true);
    await first.give(refusal);
    await world.publisher.turnsEnded(1);
    await world.say(session, 'Never mind');
    let call = await world.engine.nextCall();
    let calls = 0;
    for (; hasFile(call); calls++) {
      await call.give(refusal);
      call = await world.engine.nextCall();
    }
    expect(calls).toBeGreaterThan(0);
    await call.give({ type: 'text', text: 'Fine' });
    await call.give({ type: 'finish' });
    await world.publisher.turnsEnded(2);
    const last = (await world.storage.readModel.messages(session, { limit: 9 }, 'current')).at(-1);
    expect(last?.content).toBe('Fine');
    await world.system.stop();
  });
});
