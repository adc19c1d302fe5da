/** Every chart for inspectors, by the id of its machine. */
import type { EventFromLogic } from 'xstate';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import { messageIdSchema, sessionIdSchema, toolCallIdSchema, turnIdSchema } from '../schema/ids.ts';
import type { MachineChart } from '../schema/machine-chart.ts';
import type { TextPiece } from '../schema/text-piece.ts';
import { exampleIds } from '../schema/wire/example-ids.ts';
import { type AnswerContext, type AnswerEvent, answerPhase, initialAnswer, nextAnswer } from './answer.ts';
import { chatSessionMachine } from './chat-session.ts';
import { clientTraceMachine } from './client-trace.ts';
import {
  type ConnectionEvent,
  type ConnectionPhase,
  connectionEvents,
  nextConnection,
} from './connection.ts';
import { foldChart } from './fold-chart.ts';
import { machineChart } from './machine-chart.ts';
import type { runtimeConfigLogic } from './runtime-config.ts';
import { toolCallMachine } from './tool-call.ts';
import type { toolRegistryLogic } from './tool-registry.ts';
import { traceMachine } from './trace.ts';
import { turnMachine } from './turn.ts';

let made: readonly MachineChart[] | undefined;

/** Made at the first call. */
export function machineCharts(): readonly MachineChart[] {
  made ??= [
    ...[chatSessionMachine, turnMachine, toolCallMachine, traceMachine, clientTraceMachine].map(machineChart),
    answerChart(),
    storeChart('runtimeConfig', configSays),
    storeChart('toolRegistry', registrySays),
    connectionChart(),
  ];
  return made;
}

function answerChart(): MachineChart {
  const at = 0;
  const events: readonly AnswerEvent[] = [
    { type: 'answer.text', text: 'text', at },
    { type: 'answer.reasoning', text: 'text', at },
    { type: 'answer.calls', calls: [{ id: toolCallIdSchema.parse(exampleIds.toolCall), name: 'clock' }], at },
    { type: 'answer.files', files: [], at },
    { type: 'answer.step', at },
    { type: 'answer.checkpoint', at },
    { type: 'answer.resume', at },
    { type: 'answer.reopen', at },
    { type: 'answer.end', status: 'complete', at },
  ];
  return foldChart<AnswerContext, AnswerEvent>({
    id: 'answer',
    initial: initialAnswer({
      sessionId: sessionIdSchema.parse(exampleIds.session),
      messageId: messageIdSchema.parse(exampleIds.answer),
      promptId: messageIdSchema.parse(exampleIds.prompt),
      turnId: turnIdSchema.parse(exampleIds.turn),
      agentId: '',
      turn: { send: () => {} },
    }),
    events,
    nameOf: ({ type }) => type,
    step(context, event) {
      const said: (DomainEvent | TextPiece)[] = [];
      const next = nextAnswer(context, event, (emission) => said.push(emission));
      return [next, said.map(({ type }) => type)];
    },
    phaseOf: answerPhase,
    keyOf: (context) => `${answerPhase(context)} ${context.createdAt} ${isAllCheckpointed(context)}`,
    final: ['ended'],
  });
}

function isAllCheckpointed({ text, marks, checkpointed }: AnswerContext): boolean {
  return text.count === checkpointed.pieces && marks.length === checkpointed.marks;
}

function connectionChart(): MachineChart {
  return foldChart<ConnectionPhase, ConnectionEvent>({
    id: 'connection',
    initial: 'live',
    events: connectionEvents,
    nameOf: (event) => event,
    step: nextConnection,
    phaseOf: (phase) => phase,
    keyOf: (phase) => phase,
    final: ['closed'],
  });
}

/**
 * A store's effects cannot be read from its definition, so they are listed here; the type ensures that no event is
 * missing.
 */
const configSays: Readonly<Record<EventFromLogic<typeof runtimeConfigLogic>['type'], readonly string[]>> = {
  'config.update': ['config.changed', 'config.updated'],
  'config.flag': ['config.changed', 'config.flag.updated', 'config.updated'],
  'config.reset': ['config.changed', 'config.reset', 'config.updated'],
  'config.restore': [],
};

const registrySays: Readonly<Record<EventFromLogic<typeof toolRegistryLogic>['type'], readonly string[]>> = {
  'tools.command': ['tool.registered', 'tool.updated', 'tool.deactivated'],
  'tools.reset': [],
};

function storeChart(id: string, storeSays: Readonly<Record<string, readonly string[]>>): MachineChart {
  const chart = foldChart<null, readonly [string, readonly string[]]>({
    id,
    initial: null,
    events: Object.entries(storeSays),
    nameOf: ([event]) => event,
    step: (state, [, says]) => [state, says.length === 0 ? ['assign'] : says],
    phaseOf: () => 'ready',
    keyOf: () => '',
    final: [],
  });
  return { ...chart, kind: 'store' };
}
