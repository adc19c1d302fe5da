/** I8. Over the journal: when a turn that had started ends, the agent is idle, after an error if it failed. */
import type { AgentState } from '../../../schema/agent-activity.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I8');

export const activity: Invariant = {
  name: 'I8',
  says: 'Every turn ends with `agent.activity` idle (after error, if it failed).',
  watch: () => {
    const states = new Map<string, AgentState[]>();
    const started = new Set<string>();
    return {
      hear: (fact) => {
        if (fact.kind !== 'committed') return;
        const { event } = fact;
        if (event.type === 'agent.activity') {
          const { sessionId, state } = event.data;
          states.set(sessionId, [...(states.get(sessionId) ?? []), state].slice(-2));
        } else if (event.type === 'turn.started') {
          started.add(event.data.turnId);
        } else if (event.type === 'turn.ended' && started.has(event.data.turnId)) {
          const { turnId, sessionId, outcome } = event.data;
          const [before, last] = states.get(sessionId) ?? [];
          holds(last === 'idle', () => `turn ${turnId} ended as ${outcome} and its agent is ${last}`);
          holds(outcome !== 'failed' || before === 'error', () => `turn ${turnId} failed without a word`);
        }
      },
      rest: () => {
        for (const [session, [before, last = before]] of states) {
          holds(last === 'idle', () => `the agent of session ${session} is ${last} for ever`);
        }
      },
    };
  },
};
