/** A scenario that the real actors go through, in one process after another. */
import type { CommandDoor } from '../../../actors/door/command-door.ts';
import type { LiveSystemOptions } from '../../../actors/live-system.ts';
import { type EnginePart, JournalRejected } from '../../../actors/ports.ts';
import type { Tool } from '../../../actors/tool-ports.ts';
import { type SessionId, type ToolCallId, toolCallIdSchema } from '../../../schema/ids.ts';
import { accepted, type Outcome } from '../../../schema/refusal.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { exampleIds } from '../../../schema/wire/example-ids.ts';
import { type ActorWorld, actorWorld, countingIds, tickingClock } from '../../fakes/actor-world.ts';
import { type MemoryStorage, memoryStorage } from '../../fakes/memory-storage.ts';
import type { ScriptedCall } from '../../fakes/scripted-engine.ts';
import type { LivedScenario, ModelCall, Order, TreeOrder } from './scenario-arbitrary.ts';

export type Answered = { readonly name: string; readonly outcome: Outcome<unknown> };

/** The life of one process with a store. */
export type Life = {
  readonly world: ActorWorld;
  readonly storage: MemoryStorage;
  /** Arguments of the tools that ran; each call of a scenario has different ones. */
  readonly toolRuns: readonly string[];
  /** The model calls that were made, as `prompt step`. */
  readonly modelCalls: readonly string[];
  /** Model calls and tool runs that began before the journal had their event. */
  readonly premature: readonly string[];
};

export async function beginLife(
  scenario: LivedScenario,
  options: {
    readonly storage: MemoryStorage;
    readonly firstId: number;
    /** How much later it begins than another life, ms. */
    readonly laterMs?: number;
    readonly system?: LiveSystemOptions;
  },
): Promise<Life> {
  const { storage, laterMs = 0 } = options;
  const toolRuns: string[] = [];
  const modelCalls: string[] = [];
  const premature: string[] = [];
  const clock = tickingClock();
  const world = await actorWorld({
    ...options.system,
    storage,
    ids: countingIds(options.firstId),
    // Checkpoints and retries come at once; time limits stay as they are.
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

/** Gives the commands, also those given before: each has a name. Resolves when all are answered. */
export async function giveOrders(
  scenario: LivedScenario,
  { world, storage }: Life,
  onAnswer: (answered: Answered) => void = () => {},
): Promise<void> {
  const { door } = world.system;
  const named = (name: string) => ({ key: name, fingerprint: name });
  const created = [0, 1].map(async (index) => {
    const name = `create ${index}`;
    const own = index === 0 ? {} : { description: 'With options', options: { temperature: 0.5 } };
    const outcome = await door.createSession({ title: name, ...own }, named(name));
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
    const outcome = give(step.order, id, index);
    pending.push(outcome.then((value) => onAnswer({ name, outcome: value })));
    await loops(step.ticks);
  }
  await Promise.all(pending);

  async function give(wanted: Order, id: SessionId, index: number): Promise<Outcome<unknown>> {
    const name = named(`order ${index}`);
    const message = { content: String(index), toolCallId: undefined, name: undefined };
    switch (wanted.kind) {
      case 'ask': {
        const options = wanted.options === undefined ? {} : { options: wanted.options };
        return door.addMessage(id, { ...message, role: 'user', ...options }, name);
      }
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
        return door.updateConfig({ features: { [`feature${index}`]: true } }, 'a', name);
      case 'describe': {
        const description = index % 2 === 0 ? null : `Description ${index}`;
        return door.updateSession(id, { description, options: { temperature: index / 10 } });
      }
      case 'cancelOne': {
        const asked = storage
          .committed()
          .findLast(({ entry }) => entry.type === 'turn.queued' && entry.sessionId === id)?.entry;
        return door.cancelTurns(id, asked?.type === 'turn.queued' ? asked.data.promptId : undefined);
      }
      case 'cancelUnnamed':
        return door.cancelTurns(id, undefined);
      case 'createAgain':
        return door.createSession({ title: 'Another' }, named('create 0'));
      case 'decide':
        return door.approveToolCall(id, toolCallIdSchema.parse(exampleIds.toolCall), undefined, name);
      case 'decideWaiting': {
        const waiting = waitingCalls(storage).find((call) => call.sessionId === id);
        if (waiting === undefined) return accepted(null);
        return index % 2 === 0
          ? door.approveToolCall(id, waiting.id)
          : door.denyToolCall(id, waiting.id, `Reason ${index}`, name);
      }
      case 'passivate':
        world.system.registry.passivateIdle(Number.POSITIVE_INFINITY);
        return accepted(null);
      case 'reject':
        storage.failNextAppends(new JournalRejected('the scenario says so'));
        return accepted(null);
      case 'break':
        storage.failNextAppends();
        return accepted(null);
      default:
        return changeTree(world, { kind: wanted.kind, id, index });
    }
  }
}

/** Gives a command about the newest message that it can be about. */
async function changeTree(
  { system, storage }: ActorWorld,
  { kind, id, index }: { readonly kind: TreeOrder; readonly id: SessionId; readonly index: number },
): Promise<Outcome<unknown>> {
  const { door } = system;
  const content = String(index);
  const messages = await storage.readModel.messages(id, { limit: 100 }, 'all');
  const waiting = messages.find(({ queueRank }) => queueRank !== undefined)?.id;
  const asked = messages.findLast(({ role, queueRank }) => role === 'user' && queueRank === undefined)?.id;
  const any = messages[index % Math.max(1, messages.length)]?.id;
  const missing = accepted(null);
  switch (kind) {
    case 'regenerate':
      return any === undefined ? missing : door.regenerateMessage(id, any, { options: { temperature: 0.1 } });
    case 'continue':
      return goOn(door, storage, id);
    case 'edit':
      return asked === undefined ? missing : door.editMessage(id, asked, { content });
    case 'editWaiting':
      return waiting === undefined
        ? missing
        : door.editMessage(id, waiting, { parts: [{ type: 'text', text: content }] });
    case 'remove':
      return any === undefined ? missing : door.deleteMessage(id, any);
    case 'removeWaiting':
      return waiting === undefined ? missing : door.deleteMessage(id, waiting);
    case 'select':
      return any === undefined ? missing : door.selectBranch(id, any);
    case 'sendNow':
      return waiting === undefined ? missing : door.sendMessageNow(id, waiting);
    case 'steer': {
      // Of two that come at once, the second waits.
      const said = { role: 'user' as const, content, toolCallId: undefined, name: undefined };
      const [, second] = await Promise.all([door.addMessage(id, said), door.addMessage(id, said)]);
      return second.ok ? door.steerMessage(id, second.value.id) : missing;
    }
    case 'replace':
    case 'insist': {
      const queue = kind === 'replace' ? 'replace' : 'reject';
      const source = { type: 'source' as const, url: 'https://example.com/' };
      const parts = [{ type: 'text' as const, text: content }, source];
      return door.addMessage(id, { role: 'user', parts, toolCallId: undefined, name: undefined, queue });
    }
    case 'fork':
      return any === undefined ? missing : door.forkSession(id, { messageId: any });
    case 'import': {
      const conversation = await storage.readModel.copyOf(id, 'all');
      const session = { title: 'Imported' };
      return conversation === undefined ? missing : door.importSession({ session, conversation });
    }
    default:
      return unreachable(kind);
  }
}

/** Nothing may run or wait when an answer goes on, and it must have been cut short. */
async function goOn(door: CommandDoor, storage: MemoryStorage, id: SessionId): Promise<Outcome<unknown>> {
  await door.cancelTurns(id, undefined);
  const messages = await storage.readModel.messages(id, { limit: 100 }, 'all');
  const parents = new Set(messages.map(({ parentId }) => parentId));
  const answer = messages.findLast(
    (message) =>
      message.promptId !== undefined &&
      message.content !== '' &&
      message.status !== 'complete' &&
      !parents.has(message.id),
  );
  return answer === undefined ? accepted(null) : door.regenerateMessage(id, answer.id, { continue: true });
}

/** Resolves when every turn in the journal has ended. Waiting calls are decided. */
export async function turnsEnd(life: Life): Promise<void> {
  const { world, storage } = life;
  const { door } = world.system;
  for (;;) {
    await world.publisher.until(() => openTurns(storage) === 0 || waitingCalls(storage).length > 0);
    if (openTurns(storage) === 0) return;
    for (const { sessionId, id, argumentsJson } of waitingCalls(storage)) {
      // The decision depends on the call alone, so that lives can be compared.
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

/** A store with the events that were committed before a crash between two batches. */
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
      name: 'hurried',
      requiresApproval: true,
      approvalTimeoutMs: 50,
      run: async () => accepted('hurried result'),
    },
    {
      ...tool,
      name: 'telling',
      run: async (_input, { progress }) => {
        progress({ message: 'half', done: 1, total: 2 });
        await loops(3);
        return accepted('telling result');
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
