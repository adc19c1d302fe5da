/**
 * One conversation that visits four providers in turn. Goal: whoever made the calls in it, the next provider answers.
 * Method: strict fakes that refuse what the real ones refuse, each with ids, names, signatures and reasoning of its own;
 * in each format a call with its result, a turn that is cancelled, one that fails, and one that waits for a person
 * through the death of the process.
 */

import { expect, it } from 'vitest';
import { type LiveSystem, startLiveSystem } from '../../../../actors/live-system.ts';
import type { Tool } from '../../../../actors/tool-ports.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import { accepted } from '../../../../schema/refusal.ts';
import type { ProviderSettings } from '../../../../src/config/engine-settings.ts';
import { createChoosingEngine } from '../../../../src/engines/providers/choosing-engine.ts';
import { createRehearsalEngine } from '../../../../src/engines/rehearsal-engine.ts';
import { createToolBox } from '../../../../src/tools/tool-box.ts';
import {
  acceptedValue,
  countingIds,
  echoTool,
  endlessTool,
  tickingClock,
} from '../../../fakes/actor-world.ts';
import { testLeases } from '../../../fakes/leases.ts';
import { memoryFileStore } from '../../../fakes/memory-file-store.ts';
import { type MemoryStorage, memoryStorage } from '../../../fakes/memory-storage.ts';
import {
  type StrictProvider,
  startStrictProvider,
  strictKinds,
} from '../../../fakes/providers/strict-provider.ts';
import { type RecordingPublisher, recordingPublisher } from '../../../fakes/recording-publisher.ts';
import { memorySessionFiles } from '../../../fakes/session-files.ts';
import { adapters, silentLog } from './model-call.ts';

const guardedTool: Tool = {
  ...echoTool,
  name: 'guarded',
  requiresApproval: true,
  run: async () => accepted('allowed'),
};

type Life = { readonly system: LiveSystem; readonly publisher: RecordingPublisher };

async function life(
  storage: MemoryStorage,
  providers: Readonly<Record<string, ProviderSettings>>,
  firstId: number,
): Promise<Life> {
  const publisher = recordingPublisher();
  const clock = tickingClock();
  const { engine } = createChoosingEngine({
    providers,
    rehearsal: createRehearsalEngine({ clock, delayMs: 0 }),
    defaultModel: 'rehearsal',
    files: memoryFileStore(),
    clock,
    log: silentLog,
  });
  const system = await startLiveSystem({
    journal: storage.journal,
    readModel: storage.readModel,
    files: memorySessionFiles(),
    publisher,
    engine,
    tools: createToolBox([echoTool, endlessTool, guardedTool]),
    clock,
    ids: countingIds(firstId),
    leases: testLeases,
    random: () => 0.5,
    log: silentLog,
  });
  return { system, publisher };
}

function settingsOf(provider: StrictProvider, adapter: ProviderSettings['adapter']): ProviderSettings {
  const { kind, url } = provider;
  const type = kind === 'openai' || kind === 'anthropic' ? kind : 'openai-compatible';
  return {
    type,
    adapter,
    label: undefined,
    baseUrl: `${url}/v1`,
    apiKey: 'key',
    apiKeyVariable: undefined,
    headers: {},
    models: [],
  };
}

it.each(adapters)('[PRV1] [PRV3] a conversation with four providers in turn, by %s', async (adapter) => {
  const fakes = await Promise.all(strictKinds.map((kind) => startStrictProvider(kind)));
  const providers = Object.fromEntries(fakes.map((fake) => [fake.kind, settingsOf(fake, adapter)]));
  const storage = memoryStorage();
  let now = await life(storage, providers, 1);
  const session: SessionId = acceptedValue(await now.system.door.createSession({ title: 'Visits' })).id;
  let turns = 0;
  const say = async (kind: string, content: string) => {
    const options = { model: `${kind}/model-1` };
    const body = { role: 'user' as const, content, toolCallId: undefined, name: undefined, options };
    return acceptedValue(await now.system.door.addMessage(session, body));
  };
  const ended = async () => {
    turns++;
    await now.publisher.turnsEnded(turns);
  };
  const toolTold = (status: string, count: number) =>
    now.publisher.until(
      (seen) =>
        seen.filter(({ event }) => event.type === 'tool.call' && event.data.status === status).length >=
        count,
    );
  const lastAnswer = async () =>
    (await storage.readModel.messages(session, { limit: 99 }, 'current')).at(-1)?.content;
  try {
    for (const [visit, { kind }] of [...fakes, ...fakes.slice(0, 1)].entries()) {
      await say(kind, 'call echo');
      await ended();
      expect(await lastAnswer()).toBe(`${kind} says: done`);
      await say(kind, 'call endless');
      await toolTold(
        'running',
        1 + now.publisher.seen.filter(({ event }) => event.type === 'tool.result').length,
      );
      acceptedValue(await now.system.door.cancelTurns(session));
      await ended();
      await say(kind, 'fail');
      await ended();
      await say(kind, 'call guarded');
      await toolTold('awaitingApproval', 1);
      await now.system.outbox.flushed();
      // The process dies; the next one finds the call waiting.
      now = await life(storage, providers, 0x10000 * (visit + 2));
      turns = 0;
      await now.system.recover();
      const waiting = (await storage.readModel.sessionToolCalls(session, { limit: 99 })).find(
        ({ status }) => status === 'awaitingApproval',
      );
      if (waiting === undefined) throw new Error('a call waits');
      acceptedValue(await now.system.door.approveToolCall(session, waiting.id));
      await ended();
      expect(await lastAnswer()).toBe(`${kind} says: done`);
    }
    // The first is visited again at the end: it is told of everybody's calls.
    const last = JSON.stringify(fakes[0]?.requests.at(-1)?.body);
    for (const kind of strictKinds) expect(last).toContain(`\\"by\\":\\"${kind}\\"`);
    expect(fakes.flatMap(({ kind, refusals }) => refusals.map((why) => `${kind}: ${why}`))).toEqual([]);
  } finally {
    await now.system.stop();
    await Promise.all(fakes.map((fake) => fake.stop()));
  }
});
