/** The real actors over fake ports, the base of the tests of `actors/`. */

import type { Admission } from '../../actors/fair-admission.ts';
import type { SessionFiles } from '../../actors/file-store.ts';
import { type LiveSystem, type LiveSystemOptions, startLiveSystem } from '../../actors/live-system.ts';
import type { Clock, Ids, Log } from '../../actors/ports.ts';
import type { RegisteredTools } from '../../actors/registered-tools.ts';
import type { SessionOwners } from '../../actors/sessions/owner-limits.ts';
import type { KeyHost } from '../../actors/stored-keys.ts';
import type { Tool, ToolBox } from '../../actors/tool-ports.ts';
import type { AcceptedKind } from '../../schema/attachment.ts';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { SessionId } from '../../schema/ids.ts';
import { accepted, type Outcome } from '../../schema/refusal.ts';
import { createToolBox } from '../../src/tools/tool-box.ts';
import { testLeases } from './leases.ts';
import { type MemoryStorage, memoryStorage } from './memory-storage.ts';
import { type RecordingPublisher, recordingPublisher } from './recording-publisher.ts';
import { type ScriptedEngine, scriptedEngine } from './scripted-engine.ts';
import { memorySessionFiles } from './session-files.ts';

export type LogRecord = { readonly level: keyof Log; readonly message: string; readonly context?: unknown };

export type ActorWorld = {
  readonly system: LiveSystem;
  readonly storage: MemoryStorage;
  readonly publisher: RecordingPublisher;
  readonly engine: ScriptedEngine;
  readonly logs: readonly LogRecord[];
  readonly createSession: (title?: string) => Promise<SessionId>;
  readonly say: (session: SessionId, content: string) => Promise<ChatMessage>;
};

/** Counts up from 1, as UUIDs. */
export function countingIds(start = 1): Ids {
  let count = start;
  return {
    next: <Id extends string>(): Id =>
      `00000000-0000-4000-8000-${(count++).toString(16).padStart(12, '0')}` as string as Id,
  };
}

/** Each reading of the clock advances it by 1 ms; timers are the event loop's. */
export function tickingClock(start = Date.UTC(2026, 10, 23)): Clock {
  let now = start;
  return {
    now: () => now++,
    after: (delay, run) => {
      const timer = setTimeout(run, delay);
      return () => clearTimeout(timer);
    },
    soon: (run) => {
      setImmediate(run);
    },
  };
}

export const echoTool: Tool = {
  name: 'echo',
  description: 'Answers its arguments.',
  inputSchema: { type: 'object' },
  requiresApproval: false,
  repeatable: true,
  timeoutMs: 10_000,
  run: async (input) => accepted(JSON.stringify(input)),
};

export const brokenTool: Tool = {
  ...echoTool,
  name: 'broken',
  repeatable: false,
  run: async () => {
    throw new Error('the tool is broken');
  },
};

/** Never ends by itself. */
export const endlessTool: Tool = {
  ...echoTool,
  name: 'endless',
  repeatable: false,
  run: (_input, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
};

export async function actorWorld(
  options: {
    readonly storage?: MemoryStorage;
    readonly clock?: Clock;
    readonly files?: SessionFiles;
    /** What the engine's model takes; default: nothing. */
    readonly engineAccepts?: readonly AcceptedKind[];
    readonly ids?: Ids;
    /** Default: the three tools above. */
    readonly tools?: readonly Tool[];
    /** In place of `tools`: tools that come and go. */
    readonly toolBox?: ToolBox;
    /** Default: no tools can be registered. */
    readonly registeredTools?: RegisteredTools;
    /** Default: no keys are kept. */
    readonly keys?: KeyHost;
    /** Default: nobody owns a session. */
    readonly owners?: SessionOwners;
    /** Default: nobody waits to be let in. */
    readonly fairAdmission?: Admission;
  } & LiveSystemOptions = {},
): Promise<ActorWorld> {
  const storage = options.storage ?? memoryStorage();
  const publisher = recordingPublisher();
  const engine = scriptedEngine();
  const logs: LogRecord[] = [];
  const line = (level: keyof Log) => (message: string, context?: unknown) => {
    logs.push({ level, message, context });
  };
  const system = await startLiveSystem(
    {
      journal: storage.journal,
      readModel: storage.readModel,
      files: options.files ?? memorySessionFiles(),
      publisher,
      engine: { ...engine, accepts: () => options.engineAccepts ?? [] },
      tools: options.toolBox ?? createToolBox(options.tools ?? [echoTool, brokenTool, endlessTool]),
      ...(options.registeredTools === undefined ? {} : { registeredTools: options.registeredTools }),
      ...(options.keys === undefined ? {} : { keys: options.keys }),
      clock: options.clock ?? tickingClock(),
      ids: options.ids ?? countingIds(),
      leases: testLeases,
      owners: options.owners,
      fairAdmission: options.fairAdmission,
      random: () => 0.5,
      log: {
        trace: line('trace'),
        debug: line('debug'),
        info: line('info'),
        warn: line('warn'),
        error: line('error'),
      },
    },
    options,
  );
  return {
    system,
    storage,
    publisher,
    engine,
    logs,
    createSession: async (title = 'A title') => acceptedValue(await system.door.createSession({ title })).id,
    say: async (session, content) =>
      acceptedValue(
        await system.door.addMessage(session, {
          role: 'user',
          content,
          toolCallId: undefined,
          name: undefined,
        }),
      ),
  };
}

/** The value; fails the test with the refusal when there is none. */
export function acceptedValue<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Error(`refused: ${outcome.refusal.code}: ${outcome.refusal.message}`);
  return outcome.value;
}
