/** The live chat session: its machine, provided with engine, tools and the outbox. All sessions share one logic. */
import { type Actor, createActor } from 'xstate';
import { answerLogic } from '../../machines/answer.ts';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { SessionInput } from '../../machines/chat-session-context.ts';
import { toolCallMachine } from '../../machines/tool-call.ts';
import { traceMachine } from '../../machines/trace.ts';
import { turnMachine } from '../../machines/turn.ts';
import { type EngineActorPorts, engineActor } from '../model-calls/engine-actor.ts';
import { type TitleActorPorts, titleActor } from '../model-calls/title-actor.ts';
import { type PushedSourceActorPorts, pushedSource } from '../pushed-turns/pushed-source-actor.ts';
import { type ToolActorPorts, toolActor } from '../tool-calls/tool-actor.ts';
import { withEndsByKind } from './ends-of-children.ts';
import { publishing } from './publishing.ts';
import { sessionClock } from './session-clock.ts';

export type SessionActor = Actor<typeof chatSessionMachine>;

/**
 * Returns a function that makes session actors, not yet started. Building the logic is expensive, so call this once
 * per process.
 */
export function sessionActorFactory(
  ports: EngineActorPorts & ToolActorPorts & TitleActorPorts & PushedSourceActorPorts,
): (input: SessionInput) => SessionActor {
  const sink = ports.outbox.accept;
  const toolCall = toolCallMachine.provide({ actors: { toolRunner: toolActor(ports) } });
  const turnLogic = turnMachine.provide({
    actors: {
      engine: engineActor(ports),
      source: pushedSource(ports),
      answer: publishing(answerLogic, sink),
      toolCall: publishing(toolCall, sink),
      trace: publishing(traceMachine, sink),
    },
  });
  const turn = publishing(withEndsByKind(turnLogic), sink);
  const sessionLogic = chatSessionMachine.provide({ actors: { turn, titler: titleActor(ports) } });
  const logic = publishing(withEndsByKind(sessionLogic), sink);
  return (input) => {
    const clock = sessionClock(ports.clock, ports.causes.of(input.sessionId));
    return createActor(logic, { id: `session.${input.sessionId}`, input, clock });
  };
}
