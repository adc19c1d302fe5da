/** Broken outboxes, journals and publishers, for mutants. */

import type { Publisher } from '../../../actors/ports.ts';
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import { eventCatalogue } from '../../../schema/event-catalogue.ts';
import { isWireNamespace } from '../../../schema/event-table.ts';
import { limits } from '../../../schema/limits.ts';
import type { Emission, TextPiece } from '../../../schema/text-piece.ts';
import type { Mutant } from './mutant.ts';

export const overtaking: Mutant = {
  name: 'an outbox that lets the end of a trace be overtaken',
  breaks: 'I1',
  parts: () => ({
    publisher: (publisher) => {
      let held: (() => void) | undefined;
      return {
        ...publisher,
        durable: (event, seq) => {
          if (event.type === 'trace.updated') {
            held = () => publisher.durable(event, seq);
            return;
          }
          publisher.durable(event, seq);
          held?.();
          held = undefined;
        },
      };
    },
  }),
};

export const premature: Mutant = {
  name: 'an outbox that publishes before it commits',
  breaks: 'I2',
  parts: () => {
    let real: Publisher | undefined;
    let seq = 0;
    return {
      publisher: (publisher) => {
        real = publisher;
        return { ...publisher, durable: () => {} };
      },
      accept: (outbox) => {
        const { accept } = outbox;
        return (emission) => {
          if (isJournaled(emission)) real?.durable(emission, ++seq);
          accept(emission);
        };
      },
    };
  },
};

function isJournaled(emission: Emission): emission is JournaledEvent {
  return (
    emission.type in eventCatalogue &&
    isWireNamespace(eventCatalogue[emission.type as JournaledEvent['type']].namespace)
  );
}

export const forgetful: Mutant = {
  name: 'an outbox that loses every fourth piece of text',
  breaks: 'I4',
  parts: () => {
    let pieces = 0;
    return {
      publisher: (publisher) => ({
        ...publisher,
        stream: (event) => {
          if (++pieces % 4 !== 0) publisher.stream(event);
        },
      }),
    };
  },
};

export const staleSnapshot: Mutant = {
  name: 'a hub whose snapshots are one piece behind',
  breaks: 'I4',
  parts: () => {
    const last = new Map<string, TextPiece>();
    return {
      publisher: (publisher) => ({
        ...publisher,
        stream: (event) => {
          const before = last.get(event.messageId);
          last.set(event.messageId, event);
          const isSame = event.type === 'message.delta' && before?.type === 'message.delta';
          publisher.stream(isSame ? { ...event, soFar: before.soFar } : event);
        },
      }),
    };
  },
};

/** Replaces each emission by itself, by others, or by nothing. */
function saying(alter: (emission: Emission) => readonly Emission[]): Mutant['parts'] {
  return () => ({
    accept: (outbox) => {
      const { accept } = outbox;
      return (emission) => {
        for (const one of alter(emission)) accept(one);
      };
    },
  });
}

export const repeatedResult: Mutant = {
  name: 'a tool call that says its result twice',
  breaks: 'I5',
  parts: saying((emission) => (emission.type === 'tool.result' ? [emission, { ...emission }] : [emission])),
};

export const backwardTrace: Mutant = {
  name: 'a trace that runs again after its end',
  breaks: 'I6',
  parts: saying((emission) =>
    emission.type === 'trace.updated' && emission.data.status === 'failed'
      ? [emission, { ...emission, data: { ...emission.data, status: 'running' } }]
      : [emission],
  ),
};

export const afterlife: Mutant = {
  name: 'a session that is touched after its end',
  breaks: 'I7',
  parts: () => {
    const last = new Map<string, Emission>();
    return saying((emission) => {
      if (emission.type === 'session.updated') last.set(emission.data.id, { ...emission });
      const after = emission.type === 'session.deleted' ? last.get(emission.data.id) : undefined;
      return after === undefined ? [emission] : [emission, after];
    })();
  },
};

export const endlessThought: Mutant = {
  name: 'a turn that fails and leaves its agent at the error',
  breaks: 'I8',
  parts: () => {
    const states = new Map<string, string>();
    return saying((emission) => {
      if (emission.type !== 'agent.activity') return [emission];
      const { sessionId, state } = emission.data;
      const before = states.get(sessionId);
      states.set(sessionId, state);
      return before === 'error' && state === 'idle' ? [] : [emission];
    })();
  },
};

export const halvedPair: Mutant = {
  name: 'a preview that is cut by units, through the middle of a character',
  breaks: 'I9',
  parts: saying((emission) => {
    if (emission.type !== 'tool.call') return [emission];
    const { argumentsJson } = emission.record;
    if (argumentsJson.length <= limits.previewUnitsMax) return [emission];
    const cut = `${argumentsJson.slice(0, limits.previewUnitsMax)}…`;
    return [{ ...emission, data: { ...emission.data, agentId: cut } }];
  }),
};

export const twiceTold: Mutant = {
  name: 'an outbox that publishes an event twice',
  breaks: 'calm',
  parts: () => ({
    publisher: (publisher) => ({
      ...publisher,
      durable: (event, seq) => {
        publisher.durable(event, seq);
        if (event.type === 'message.updated') publisher.durable(event, seq);
      },
    }),
  }),
};
