/**
 * A scenario that the real actors live through: commands to two sessions, and for each prompt what its engine says
 * and which tools it calls. The same scripts answer the same prompts in every life, so that lives can be compared.
 */
import fc from 'fast-check';
import type { EnginePart, Tool } from '../../../actors/ports.ts';
import type { SessionId, ToolCallId } from '../../../schema/ids.ts';
import { accepted, type Outcome } from '../../../schema/refusal.ts';
import { type ActorWorld, actorWorld, countingIds, tickingClock } from '../../fakes/actor-world.ts';
import { type MemoryStorage, memoryStorage } from '../../fakes/memory-storage.ts';
import type { ScriptedCall } from '../../fakes/scripted-engine.ts';

/** What one model call says, part by part; `ticks` of the event loop pass before each. */
type ModelCall = {
  readonly parts: readonly (
    | { readonly kind: 'text' | 'reasoning'; readonly text: string; readonly ticks: number }
    | { readonly kind: 'tool'; readonly name: string; readonly ticks: number }
  )[];
  readonly end: 'finish' | 'error' | 'throw';
  /** Attempts that fail in a way that may pass, before this one. */
  readonly flaky: number;
};

type Order =
  | { readonly kind: 'ask'; readonly session: number; readonly script: readonly ModelCall[] }
  | {
      readonly kind: 'note' | 'cancel' | 'rename' | 'archive' | 'delete' | 'config';
      readonly session: number;
    };

export type LivedScenario = readonly {
  readonly order: Order;
  /** Of the event loop, before the next order. */
  readonly ticks: number;
}[];

const ticks = fc.integer({ min: 0, max: 6 });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const modelCall: fc.Arbitrary<ModelCall> = fc.record({
  parts: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('text' as const), text, ticks }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('reasoning' as const), text, ticks }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('tool' as const),
          name: fc.constantFrom('quick', 'slow', 'failing', 'unknown', 'guarded', 'guarded'),
          ticks,
        }),
      },
    ),
    { maxLength: 5 },
  ),
  end: fc.constantFrom('finish', 'finish', 'finish', 'error', 'throw'),
  flaky: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
  ),
});
const session = fc.integer({ min: 0, max: 1 });
const order: fc.Arbitrary<Order> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('ask' as const),
      session,
      script: fc.array(modelCall, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('note', 'note', 'cancel', 'rename', 'archive', 'config', 'delete'),
      session,
    }),
  },
);

export const livedScenario: fc.Arbitrary<LivedScenario> = fc.array(
  fc.record({ order, ticks: fc.integer({ min: 0, max: 20 }) }),
  { minLength: 2, maxLength: 8 },
);

export type Answered = { readonly name: string; readonly outcome: Outcome<unknown> };

/** One process's life with a store. */
export type Life = {
  readonly world: ActorWorld;
  readonly storage: MemoryStorage;
  /** Arguments of the tools that ran; each call of a scenario has its own. */
  readonly toolRuns: readonly string[];
  /** `prompt step` of the model calls that were made. */
  readonly modelCalls: readonly string[];
  /** Model calls and tool runs whose beginning was not in the journal. */
  readonly premature: readonly string[];
};

export async function beginLife(
  scenario: LivedScenario,
  options: {
    readonly storage: MemoryStorage;
    readonly firstId: number;
    /** How much later than another life it begins. */
    readonly laterMs?: number;
  },
): Promise<Life> {
  const { storage, laterMs = 0 } = options;
  const toolRuns: string[] = [];
  const modelCalls: string[] = [];
  const premature: string[] = [];
  const clock = tickingClock();
  const world = await actorWorld({
    storage,
    ids: countingIds(options.firstId),
    // Checkpoints and retries come soon; what bounds patience stays as it is.
    clock: {
      ...clock,
      now: () => clock.now() + laterMs,
      after: (delay, run) => clock.after(delay < 10_000 ? 1 : delay, run),
    },
    tools: toolsThat((argumentsJson) => {
      const isStored = storage
        .committed()
        .some(
          ({ entry }) =>
            entry.type === 'tool.call' &&
            entry.record.argumentsJson === argumentsJson &&
            entry.data.status === 'running',
        );
      if (!isStored) premature.push(`tool ${argumentsJson}`);
      toolRuns.push(argumentsJson);
    }),
  });
  const scripts = scenario.map((step) => (step.order.kind === 'ask' ? step.order.script : []));
  const answer = async (call: ScriptedCall): Promise<void> => {
    const { prompt, step, attempt } = call.request;
    const name = `${prompt.content} ${step} ${attempt}`;
    modelCalls.push(name);
    const turn = storage
      .committed()
      .find(({ entry }) => entry.type === 'turn.queued' && entry.data.promptId === prompt.id)?.entry;
    const isStored = storage
      .committed()
      .some(
        ({ entry }) =>
          entry.type === 'turn.step.started' &&
          turn?.type === 'turn.queued' &&
          entry.data.turnId === turn.data.turnId &&
          entry.data.step === step &&
          (entry.data.attempt ?? 1) === attempt,
      );
    if (!isStored) premature.push(`model call ${name}`);
    await play(call, name, scripts[Number(prompt.content)]?.[step - 1] ?? lastCall);
  };
  const serve = async (): Promise<void> => {
    for (;;) void answer(await world.engine.nextCall());
  };
  void serve();
  return { world, storage, toolRuns, modelCalls, premature };
}

/** Gives the orders, and again if they were given before: each has a name. Resolves when all are answered. */
export async function giveOrders(
  scenario: LivedScenario,
  { world }: Life,
  onAnswer: (answered: Answered) => void = () => {},
): Promise<void> {
  const { door } = world.system;
  const named = (name: string) => ({ key: name, fingerprint: name });
  const created = [0, 1].map(async (index) => {
    const name = `create ${index}`;
    const outcome = await door.createSession({ title: name }, named(name));
    onAnswer({ name, outcome });
    if (!outcome.ok) throw new Error(`session ${index} was refused`);
    return outcome.value.id;
  });
  const sessions = await Promise.all(created);
  const pending: Promise<void>[] = [];
  for (const [index, step] of scenario.entries()) {
    const name = `order ${index}`;
    const id = sessions[step.order.session];
    if (id === undefined) throw new Error('there are two sessions');
    const outcome = give(step.order.kind, id, index);
    pending.push(outcome.then((value) => onAnswer({ name, outcome: value })));
    await loops(step.ticks);
  }
  await Promise.all(pending);

  function give(kind: Order['kind'], id: SessionId, index: number): Promise<Outcome<unknown>> {
    const name = named(`order ${index}`);
    const message = { content: String(index), toolCallId: undefined, name: undefined };
    switch (kind) {
      case 'ask':
        return door.addMessage(id, { ...message, role: 'user' }, name);
      case 'note':
        return door.addMessage(id, { ...message, role: 'assistant' }, name);
      case 'cancel':
        return door.cancelTurns(id, undefined, name);
      case 'rename':
        return door.updateSession(id, { title: `Title ${index}` }, name);
      case 'archive':
        return door.archiveSession(id, name);
      case 'delete':
        return door.deleteSession(id, name);
      case 'config':
        return door.updateConfig({ features: { [`feature${index}`]: true } }, name);
    }
  }
}

/** Resolves when every turn that the journal knows has ended. Somebody decides about the calls that wait. */
export async function turnsEnd(life: Life): Promise<void> {
  const { world, storage } = life;
  const { door } = world.system;
  for (;;) {
    await world.publisher.until(() => openTurns(storage) === 0 || waitingCalls(storage).length > 0);
    if (openTurns(storage) === 0) return;
    for (const { sessionId, id, argumentsJson } of waitingCalls(storage)) {
      // What is decided depends on the call alone, so that lives can be compared.
      if (/[02468]\D*$/.test(argumentsJson)) await door.denyToolCall(sessionId, id, 'no');
      else await door.approveToolCall(sessionId, id);
    }
  }
}

function openTurns(storage: MemoryStorage): number {
  const open = new Set<string>();
  for (const { entry } of storage.committed()) {
    if (entry.type === 'turn.queued') open.add(entry.data.turnId);
    if (entry.type === 'turn.ended') open.delete(entry.data.turnId);
  }
  return open.size;
}

function waitingCalls(storage: MemoryStorage): readonly WaitingCall[] {
  const waiting = new Map<ToolCallId, WaitingCall>();
  for (const { entry } of storage.committed()) {
    if (entry.type !== 'tool.call' && entry.type !== 'tool.result') continue;
    const { id, sessionId, status } = entry.data;
    if (status === 'awaitingApproval')
      waiting.set(id, { id, sessionId, argumentsJson: entry.record.argumentsJson });
    else waiting.delete(id);
  }
  return [...waiting.values()];
}

type WaitingCall = { readonly id: ToolCallId; readonly sessionId: SessionId; readonly argumentsJson: string };

/** A store with what was committed before a crash between two batches. */
export async function storageOf(entries: ReturnType<MemoryStorage['committed']>): Promise<MemoryStorage> {
  const storage = memoryStorage();
  await storage.journal.append(entries.map(({ entry }) => entry));
  return storage;
}

const lastCall: ModelCall = {
  parts: [{ kind: 'text', text: 'Done', ticks: 0 }],
  end: 'finish',
  flaky: 0,
};

async function play(call: ScriptedCall, name: string, script: ModelCall): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (call.signal.aborted) resolve();
    call.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const give = (part: EnginePart) => Promise.race([call.give(part), aborted]);
  if (call.request.attempt <= script.flaky) {
    await give({ type: 'error', code: 'overloaded', message: 'try again' });
    return;
  }
  for (const [index, part] of script.parts.entries()) {
    await loops(part.ticks);
    if (call.signal.aborted) return;
    const modelCallId = `${name} ${index}`;
    const argumentsJson = JSON.stringify({ call: modelCallId });
    await give(
      part.kind === 'tool'
        ? { type: 'tool-call', modelCallId, name: part.name, argumentsJson }
        : { type: part.kind, text: part.text },
    );
  }
  if (call.signal.aborted) return;
  if (script.end === 'throw') await Promise.race([call.fail(new Error('the engine threw')), aborted]);
  else await give(script.end === 'finish' ? { type: 'finish' } : { type: 'error', message: 'no' });
}

function toolsThat(note: (argumentsJson: string) => void): readonly Tool[] {
  const tool = {
    description: '',
    inputSchema: { type: 'object' },
    requiresApproval: false,
    repeatable: false,
    timeoutMs: 10_000,
  };
  return [
    {
      ...tool,
      name: 'quick',
      run: async (input) => {
        note(JSON.stringify(input));
        return accepted('quick result');
      },
    },
    {
      ...tool,
      name: 'guarded',
      requiresApproval: true,
      run: async (input) => {
        note(JSON.stringify(input));
        return accepted('guarded result');
      },
    },
    {
      ...tool,
      name: 'slow',
      run: async (input) => {
        note(JSON.stringify(input));
        await loops(10);
        return accepted('slow result');
      },
    },
    {
      ...tool,
      name: 'failing',
      run: async (input) => {
        note(JSON.stringify(input));
        await loops(1);
        throw new Error('the tool fails');
      },
    },
  ];
}

async function loops(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}
