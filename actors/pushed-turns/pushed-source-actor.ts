/** The actor of a pushed source: a child of its turn, as the engine actor is. */
import { type ActorRefFrom, fromCallback } from 'xstate';
import type { answerLogic } from '../../machines/answer.ts';
import { answerSystemId } from '../../machines/turn-answer.ts';
import type { SourceEvent, SourceInput, TurnEvent } from '../../machines/turn-context.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import { AnswerFeed } from '../model-calls/answer-feed.ts';
import { CheckpointPace } from '../model-calls/checkpoint-pace.ts';
import { PushedSource, type PushedSourcePorts } from './pushed-source.ts';
import type { PushedSources } from './pushed-sources.ts';

export type PushedSourceActorPorts = PushedSourcePorts & {
  readonly pushed: PushedSources;
  readonly causes: CauseLedger;
};

export function pushedSource(ports: PushedSourceActorPorts) {
  const pace = new CheckpointPace();
  return fromCallback<TurnEvent, SourceInput>(({ input, sendBack, receive, system }) => {
    let actor: ActorRefFrom<typeof answerLogic> | undefined;
    const answer = (): ActorRefFrom<typeof answerLogic> | undefined => {
      actor ??= system.get(answerSystemId);
      return actor;
    };
    const causes = ports.causes.of(input.sessionId);
    const tellTurn = (event: SourceEvent): void => {
      causes.heard('turn', event);
      sendBack(event);
    };
    const source = new PushedSource(ports, input, tellTurn, (options) => {
      return new AnswerFeed({ clock: ports.clock, pace, causes, answer, ...options });
    });
    const ended = pace.begin();
    ports.pushed.opened(source);
    receive((event) => {
      if (event.type === 'turn.cancel') source.cancelled();
    });
    return () => {
      ended();
      source.stop();
      ports.pushed.closed(source);
    };
  });
}
