/** A whole system, but for its store and its sockets, whose provider is odd once and then ordinary. */

import { startLiveSystem } from '../../../../../actors/live-system.ts';
import type { Clock } from '../../../../../actors/ports.ts';
import type { StoredToolCall } from '../../../../../actors/stored-rows.ts';
import type { Tool } from '../../../../../actors/tool-ports.ts';
import { type ChatMessage, shownMessage } from '../../../../../schema/chat-message.ts';
import { limits } from '../../../../../schema/limits.ts';
import { accepted } from '../../../../../schema/refusal.ts';
import type { Trace } from '../../../../../schema/trace.ts';
import { createToolBox } from '../../../../../src/tools/tool-box.ts';
import { acceptedValue, countingIds, tickingClock } from '../../../../fakes/actor-world.ts';
import { testLeases } from '../../../../fakes/leases.ts';
import { memoryStorage } from '../../../../fakes/memory-storage.ts';
import { anthropicAnswer } from '../../../../fakes/providers/anthropic-stream.ts';
import { openAiAnswer } from '../../../../fakes/providers/openai-stream.ts';
import { type ProviderRequest, startProvider } from '../../../../fakes/providers/scripted-provider.ts';
import {
  anthropicRefusal,
  mistralRefusal,
  openAiRefusal,
} from '../../../../fakes/providers/strict-requests.ts';
import { recordingPublisher } from '../../../../fakes/recording-publisher.ts';
import { memorySessionFiles } from '../../../../fakes/session-files.ts';
import { type adapters, engineAt, silentLog } from '../model-call.ts';
import type { OddRow } from './odd-row.ts';

export type Observed = {
  /** Messages of the assistant, after the odd question. */
  readonly answers: readonly ChatMessage[];
  readonly trace: Trace | undefined;
  readonly calls: readonly StoredToolCall[];
  readonly ran: readonly string[];
  readonly reasoning: string;
  /** Requests after the one that had the odd answer. */
  readonly later: readonly ProviderRequest[];
  /** Why a strict provider would have refused one of the requests. */
  readonly refusals: readonly string[];
  /** What the ordinary question got. */
  readonly ordinary: ChatMessage | undefined;
};

export const ordinaryText = 'An ordinary answer.';

/** Waits between attempts are over at once; what bounds patience stays. */
function hurriedClock(): Clock {
  const clock = tickingClock();
  const isRetry = (delay: number) => delay >= limits.modelRetryMs / 2 && delay <= limits.modelRetryMs * 1.5;
  return { ...clock, after: (delay, run) => clock.after(isRetry(delay) ? 0 : delay, run) };
}

function tool(name: string, result: string, ran: string[]): Tool {
  return {
    name,
    description: `Does what ${name} says.`,
    inputSchema: { type: 'object' },
    requiresApproval: false,
    repeatable: false,
    timeoutMs: 10_000,
    run: async (input) => {
      ran.push(`${name} ${JSON.stringify(input)}`);
      return accepted(result);
    },
  };
}

export async function askedOdd(row: OddRow, adapter: (typeof adapters)[number]): Promise<Observed> {
  const type = row.type ?? 'openai-compatible';
  const ordinaryAnswer =
    type === 'anthropic'
      ? anthropicAnswer({ blocks: [{ type: 'text', pieces: [ordinaryText] }] })
      : openAiAnswer({ text: [ordinaryText] });
  const provider = await startProvider((_request, index) => row.answers[index] ?? ordinaryAnswer);
  const storage = memoryStorage();
  const publisher = recordingPublisher();
  const ran: string[] = [];
  const system = await startLiveSystem(
    {
      journal: storage.journal,
      readModel: storage.readModel,
      files: memorySessionFiles(),
      publisher,
      engine: engineAt(provider.url, type, { adapter, defaultModel: 'scripted/model-1' }),
      tools: createToolBox([tool('look', 'seen', ran), tool('wipe', 'wiped', ran), tool('pay', 'paid', ran)]),
      clock: hurriedClock(),
      ids: countingIds(),
      leases: testLeases,
      random: () => 0.5,
      log: silentLog,
    },
    { modelSilenceMsMax: row.silenceMs ?? 20_000 },
  );
  try {
    const session = acceptedValue(await system.door.createSession({ title: 'Odd' })).id;
    const ask = async (content: string, turns: number) => {
      const body = { role: 'user' as const, content, toolCallId: undefined, name: undefined };
      acceptedValue(await system.door.addMessage(session, body));
      await publisher.turnsEnded(turns);
      const messages = await storage.readModel.messages(session, { limit: 50 }, 'current');
      return messages.filter(({ role }) => role === 'assistant').map(shownMessage);
    };
    const answers = await ask('What is it?', 1);
    const [trace] = await storage.readModel.traces({ limit: 1 });
    const calls = await storage.readModel.sessionToolCalls(session, { limit: 50 });
    const ranFirst = [...ran];
    const all = await ask('And now?', 2);
    return {
      answers,
      trace,
      calls,
      ran: ranFirst,
      reasoning: publisher.seen
        .flatMap(({ event }) => (event.type === 'reasoning.delta' ? [event.text] : []))
        .join(''),
      later: provider.requests.slice(1),
      refusals: provider.requests.flatMap(({ body }) => refusalsOf(type, body, row) ?? []),
      ordinary: all.at(-1),
    };
  } finally {
    await system.stop();
    await provider.stop();
  }
}

function refusalsOf(type: string, body: unknown, row: OddRow): string | undefined {
  if (type !== 'anthropic') {
    const refusal = type === 'openai' ? openAiRefusal(body) : mistralRefusal(withoutWanted(body));
    return refusal;
  }
  const issued = new Set(JSON.stringify(row.answers).match(/c2ln|ZW5j/g) ?? []);
  return anthropicRefusal(body, issued);
}

/** What this provider wants back is not what Mistral takes. */
function withoutWanted(body: unknown): unknown {
  const wanted = new Set(['extra_content', 'reasoning_content', 'reasoning', 'reasoning_details']);
  return JSON.parse(JSON.stringify(body), (key, value) => (wanted.has(key) ? undefined : value));
}
