/** A journal that keeps nothing, as the reference for the cost of durability. It cannot be read. */
import { type Journal, JournalUnavailable, type ReadModel } from '../../actors/ports.ts';

export function memoryJournal(): {
  readonly journal: Journal;
  readonly readModel: ReadModel;
} {
  let seq = 0;
  const nothing = () => Promise.reject(new JournalUnavailable('the memory journal keeps nothing'));
  return {
    journal: { append: async (batch) => batch.map(() => ++seq) },
    readModel: {
      sessions: nothing,
      findSessions: nothing,
      session: nothing,
      storedSession: nothing,
      sessionAccess: nothing,
      storedBytes: nothing,
      storedSessions: nothing,
      tokensSpent: nothing,
      participants: nothing,
      messages: nothing,
      messageSizes: nothing,
      messagesOf: nothing,
      conversation: nothing,
      message: nothing,
      copyOf: nothing,
      transcripts: { outline: nothing, messages: nothing, turns: nothing, callsOf: nothing, calls: nothing },
      place: nothing,
      isDeletedMessage: async () => false,
      traces: nothing,
      spans: nothing,
      spansWith: nothing,
      spanCount: async () => 0,
      endedTraces: nothing,
      trace: nothing,
      traceAccess: nothing,
      toolCalls: nothing,
      sessionRuns: nothing,
      toolCall: nothing,
      sessionToolCalls: nothing,
      historySize: nothing,
      toolCallsWith: nothing,
      sessionWork: async () => new Map(),
      turnSteps: nothing,
      turn: nothing,
      turnsWith: nothing,
      sessionsWithOpenTurns: nothing,
      configHistory: nothing,
      runtimeConfig: async () => undefined,
      registeredTools: async () => [],
      storedKeys: async () => [],
      audit: nothing,
      completedCommand: nothing,
      layout: nothing,
    },
  };
}
