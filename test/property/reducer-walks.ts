/**
 * Walks through the machines without a statechart: the connection, the answer, the runtime config and the tool registry. Their map is a
 * table of their states and events.
 */
import fc from 'fast-check';
import { createEmptyActor, initialTransition, transition } from 'xstate';
import { answerLogic, answerPhase, nextAnswer } from '../../machines/answer.ts';
import { machineCharts } from '../../machines/charts.ts';
import { type ConnectionPhase, connectionEvents, nextConnection } from '../../machines/connection.ts';
import { runtimeConfigLogic } from '../../machines/runtime-config.ts';
import { toolRegistryLogic } from '../../machines/tool-registry.ts';
import type { CommandId, MessageId, SessionId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { defaultRuntimeConfig } from '../../schema/runtime-config.ts';
import { answerEventKinds } from '../arbitraries/answer-events.ts';
import { configPatch } from '../arbitraries/config-patches.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { registryCommand } from '../arbitraries/registry-commands.ts';
import { exampleTool } from '../fakes/example-tool.ts';

/** How often each event was received in each phase. */
export class PhaseTable {
  readonly name: string;
  readonly states: Map<string, number>;
  readonly transitions: Map<string, number>;

  constructor(name: string, phases: readonly string[], events: readonly string[]) {
    this.name = name;
    this.states = new Map(phases.map((phase) => [phase, 0]));
    this.transitions = new Map(phases.flatMap((phase) => events.map((event) => [`${phase}: ${event}`, 0])));
  }

  note(phase: string, event: string): void {
    for (const [map, key] of [
      [this.states, phase],
      [this.transitions, `${phase}: ${event}`],
    ] as const) {
      const times = map.get(key);
      if (times === undefined) throw new Error(`${key} is not in the table of ${this.name}`);
      map.set(key, times + 1);
    }
  }
}

/** The phases in the inspector's chart, found by trying every event in every state. */
function phasesOf(id: string): string[] {
  const chart = machineCharts().find((one) => one.id === id);
  return chart?.states.flatMap(({ path }) => (path === '' ? [] : [path])) ?? [];
}

type Tell = (line: string) => void;

/** A machine that can be walked through; `walks` gives functions that do it and throw what it throws. */
export type Reducer = { readonly table: PhaseTable; readonly walks: fc.Arbitrary<(tell: Tell) => void> };

/** Events that close a connection are rare, so that others can happen. */
const connectionWords = connectionEvents.map((event) => {
  const closes = nextConnection('live', event)[0] === 'closed';
  return { weight: closes ? 1 : 4, arbitrary: fc.constant(event) };
});

export function connectionReducer(): Reducer {
  const table = new PhaseTable('connection', phasesOf('connection'), connectionEvents);
  const walks = fc
    .array(fc.oneof(...connectionWords), { maxLength: 40, size: 'max' })
    .map((events) => (tell: Tell) => {
      let phase: ConnectionPhase = 'live';
      for (const event of events) {
        tell(`${phase} hears ${event}`);
        table.note(phase, event);
        [phase] = nextConnection(phase, event);
      }
    });
  return { table, walks };
}

/** All events are equally likely, so that an answer can end anywhere. */
const answerWords = Object.values(answerEventKinds);

export function answerReducer(): Reducer {
  const table = new PhaseTable('answer', phasesOf('answer'), Object.keys(answerEventKinds));
  const input = {
    sessionId: idOf<SessionId>(idKinds.session, 1),
    messageId: idOf<MessageId>(idKinds.answer, 1),
    promptId: idOf<MessageId>(idKinds.prompt, 1),
    turnId: idOf<TurnId>(idKinds.turn, 1),
    agentId: 'rehearsal',
    turn: createEmptyActor(),
  };
  const walks = fc
    .array(fc.oneof(...answerWords), { maxLength: 30, size: 'max' })
    .map((events) => (tell: Tell) => {
      let [{ context }] = initialTransition(answerLogic, input);
      for (const event of events) {
        tell(`${answerPhase(context)} hears ${event.type}`);
        table.note(answerPhase(context), event.type);
        context = nextAnswer(context, event, () => {});
      }
    });
  return { table, walks };
}

const configPhases = ['with room', 'full'] as const;
const configEvents = ['config.update', 'config.flag', 'config.reset', 'config.restore'] as const;

export function configReducer(): Reducer {
  const table = new PhaseTable('runtimeConfig', configPhases, configEvents);
  const stamp = { commandId: idOf<CommandId>(idKinds.command, 1), at: noon, by: 'local' };
  const update = configPatch.map((patch) => ({ type: 'config.update' as const, patch, ...stamp }));
  const flag = fc
    .record({
      type: fc.constant('config.flag' as const),
      name: fc.constantFrom('chat', 'new', 'constructor'),
      value: fc.boolean(),
    })
    .map((chosen) => ({ ...chosen, ...stamp }));
  const reset = fc.constant({ type: 'config.reset' as const, ...stamp });
  const filling = fc.constant({
    type: 'config.restore' as const,
    config: { ...defaultRuntimeConfig, features: fullFeatures() },
  });
  const walks = fc
    .array(fc.oneof({ weight: 6, arbitrary: update }, flag, filling, reset), { maxLength: 20 })
    .map((events) => (tell: Tell) => {
      let [snapshot] = initialTransition(runtimeConfigLogic, {
        config: defaultRuntimeConfig,
        defaults: defaultRuntimeConfig,
      });
      for (const event of events) {
        const { features } = snapshot.context.config;
        const phase = Object.keys(features).length >= limits.configFeaturesMax ? 'full' : 'with room';
        tell(`${phase} hears ${event.type}`);
        table.note(phase, event.type);
        [snapshot] = transition(runtimeConfigLogic, snapshot, event);
      }
    });
  return { table, walks };
}

function fullFeatures(): Record<string, boolean> {
  return Object.fromEntries(
    Array.from({ length: limits.configFeaturesMax }, (_, index) => [`feature-${index}`, true]),
  );
}

const registryPhases = ['empty', 'with tools', 'full'] as const;
const registryEvents = ['tools.command', 'tools.reset'] as const;

export function registryReducer(): Reducer {
  const table = new PhaseTable('toolRegistry', registryPhases, registryEvents);
  const commanded = registryCommand.map((command) => ({
    type: 'tools.command' as const,
    command,
    commandId: idOf<CommandId>(idKinds.command, 1),
    at: noon,
  }));
  const many = Array.from({ length: limits.registeredToolsMax }, (_, index) => ({
    ...exampleTool,
    name: `tool-${String(index).padStart(3, '0')}`,
  }));
  const reset = fc.constantFrom([], many).map((tools) => ({ type: 'tools.reset' as const, tools }));
  const walks = fc
    .array(fc.oneof({ weight: 6, arbitrary: commanded }, reset), { maxLength: 20 })
    .map((events) => (tell: Tell) => {
      let [snapshot] = initialTransition(toolRegistryLogic, { tools: [] });
      for (const event of events) {
        const { length } = snapshot.context.tools;
        const phase = length === 0 ? 'empty' : length < limits.registeredToolsMax ? 'with tools' : 'full';
        tell(`${phase} hears ${event.type}`);
        table.note(phase, event.type);
        [snapshot] = transition(toolRegistryLogic, snapshot, event);
      }
    });
  return { table, walks };
}
