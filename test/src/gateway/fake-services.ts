/** A door, a read model and logs for the gateway's tests: in memory, recording their calls, failing on demand. */

import type { CommandDoor } from '../../../actors/door/command-door.ts';
import { givenText } from '../../../actors/door/given-text.ts';
import type { ReadModel } from '../../../actors/ports.ts';
import { type ChatMessage, type MessageFact, shownMessage } from '../../../schema/chat-message.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { EditMessage } from '../../../schema/create-message.ts';
import { executionTree } from '../../../schema/execution-tree.ts';
import { messageIdSchema, type SessionId, sessionIdSchema, traceIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { type LogEntry, logEntrySchema } from '../../../schema/log-entry.ts';
import { defaultMessageBounds } from '../../../schema/message-bounds.ts';
import { type Participant, participant, participantSchema } from '../../../schema/participant.ts';
import { shownLayout } from '../../../schema/preferences.ts';
import { local } from '../../../schema/principal.ts';
import {
  accepted,
  type Outcome,
  refusal,
  refused,
  sessionNotFound,
  toolNotFound,
} from '../../../schema/refusal.ts';
import type { CatalogTool } from '../../../schema/registered-tool.ts';
import {
  defaultRuntimeConfig,
  patchedRuntimeConfig,
  type RuntimeConfig,
} from '../../../schema/runtime-config.ts';
import type { Trace } from '../../../schema/trace.ts';
import { type TurnIdentity, turnIdentitySchema } from '../../../schema/turn-record.ts';
import { exampleIds } from '../../../schema/wire/example-ids.ts';
import { exampleToken } from '../../../schema/wire/wire-messages.ts';
import type { GatewayServices } from '../../../src/gateway/http/route.ts';
import { createToolBox } from '../../../src/tools/tool-box.ts';
import { toolCatalog } from '../../../src/tools/tool-catalog.ts';
import { copiedTranscripts } from '../../fakes/copied-transcript.ts';
import { exampleInspection } from '../../fakes/example-inspection.ts';
import { exampleTool } from '../../fakes/example-tool.ts';
import { memoryFiles } from '../../fakes/memory-stored-files.ts';
import { fakeConfigFile } from './fake-config-file.ts';
import { fakeKeys } from './fake-keys.ts';
import { claimedTurn, fakeTurns, startedTurn } from './fake-turns.ts';

export const at = '2026-11-23T04:40:00.000Z';
export const sessionId = sessionIdSchema.parse('6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11');
export const unknownId = sessionIdSchema.parse('00000000-0000-0000-0000-000000000000');

export const session: ChatSession = {
  id: sessionId,
  title: 'Lights',
  status: 'active',
  createdAt: at,
  updatedAt: at,
};

export const owner: Participant = participantSchema.parse({
  sessionId,
  id: 'key:ada',
  name: 'Ada',
  role: 'owner',
  createdAt: at,
  updatedAt: at,
});

export const message: MessageFact = {
  id: messageIdSchema.parse('1d3b0a7f-3c1f-4e11-8f3c-5a526d3c4a31'),
  sessionId,
  role: 'user',
  content: 'What time is it?',
  createdAt: at,
};

export const turn: TurnIdentity = turnIdentitySchema.parse({
  turnId: exampleIds.turn,
  sessionId,
  promptId: message.id,
  answerId: exampleIds.answer,
  traceId: exampleIds.trace,
});

export const logEntry: LogEntry = logEntrySchema.parse({
  id: 'b0a7c1de-1f8e-4f6c-8f2a-5a52a0a7f3c1',
  level: 'info',
  message: 'Manual log emission',
  context: { source: 'api' },
  createdAt: at,
});

export type FakeServices = GatewayServices & {
  /** The calls of the door and the read model, in order. */
  readonly calls: (readonly [name: string, ...given: unknown[]])[];
  /** Replaces the answer to every later `addMessage`. */
  answerAddMessage: (message: ChatMessage) => Promise<Outcome<ChatMessage>>;
  /** Runs before every read; throw to make it fail. */
  beforeRead: () => void | Promise<void>;
  isReady: boolean;
  /** What the list of tools has. */
  listed: readonly CatalogTool[];
  /** What every list of messages has. */
  stored: readonly MessageFact[];
};

/** Files are not known here. */
function givenOf(body: EditMessage): Pick<MessageFact, 'content' | 'marks'> {
  const { content, marks } = givenText(body);
  return { content, ...(marks.length === 0 ? {} : { marks: [...marks] }) };
}

export function fakeServices(): FakeServices {
  const calls: FakeServices['calls'] = [];
  const traces: readonly Trace[] = [];
  const trace = { name: 'sweep', status: 'running', createdAt: at, updatedAt: at, origin: 'client' } as const;
  let config: RuntimeConfig = defaultRuntimeConfig;

  const ifKnown = <Value>(id: SessionId, value: Value): Outcome<Value> =>
    id === sessionId ? accepted(value) : refused(sessionNotFound(id));

  const ifNamed = <Value>(name: string, value: Value): Outcome<Value> =>
    name === exampleTool.name ? accepted(value) : refused(toolNotFound(name));

  const door: CommandDoor = {
    async createSession({ title, description }) {
      calls.push(['createSession', { title, description }]);
      return accepted({ ...session, title, ...(description === undefined ? {} : { description }) });
    },
    async updateSession(id, patch) {
      calls.push(['updateSession', id, patch]);
      return ifKnown(id, session);
    },
    async archiveSession(id) {
      calls.push(['archiveSession', id]);
      return ifKnown(id, { ...session, status: 'archived' as const });
    },
    async unarchiveSession(id) {
      calls.push(['unarchiveSession', id]);
      return ifKnown(id, session);
    },
    async handOverSession(id, to, by) {
      calls.push(['handOverSession', id, to, by]);
      return ifKnown(id, session);
    },
    async closeSession(id) {
      calls.push(['closeSession', id]);
      return ifKnown(id, { ...session, closedAt: at });
    },
    async reopenSession(id) {
      calls.push(['reopenSession', id]);
      return ifKnown(id, session);
    },
    async addParticipant(id, body) {
      calls.push(['addParticipant', id, body]);
      return ifKnown(id, participant({ ...owner, ...body }));
    },
    async updateParticipant(id, participantId, patch) {
      calls.push(['updateParticipant', id, participantId, patch]);
      return ifKnown(id, participant({ ...owner, id: participantId, role: patch.role ?? owner.role }));
    },
    async removeParticipant(id, participantId) {
      calls.push(['removeParticipant', id, participantId]);
      return ifKnown(id, null);
    },
    async deleteSession(id) {
      calls.push(['deleteSession', id]);
      return ifKnown(id, null);
    },
    async addMessage(id, body) {
      calls.push([
        'addMessage',
        id,
        body.content ?? body.parts,
        ...(body.queue === undefined ? [] : [body.queue]),
      ]);
      if (id !== sessionId) return refused(sessionNotFound(id));
      return services.answerAddMessage(shownMessage({ ...message, role: body.role, ...givenOf(body) }));
    },
    async regenerateMessage(id, messageId, body) {
      calls.push(['regenerateMessage', id, messageId, body]);
      return ifKnown(id, turn);
    },
    async editMessage(id, messageId, body) {
      calls.push(['editMessage', id, messageId, body]);
      return ifKnown(id, shownMessage({ ...message, ...givenOf(body) }));
    },
    async deleteMessage(id, messageId) {
      calls.push(['deleteMessage', id, messageId]);
      return ifKnown(id, null);
    },
    async sendMessageNow(id, messageId) {
      calls.push(['sendMessageNow', id, messageId]);
      return ifKnown(id, shownMessage(message));
    },
    async steerMessage(id, messageId) {
      calls.push(['steerMessage', id, messageId]);
      return ifKnown(id, shownMessage(message));
    },
    async selectBranch(id, leafId) {
      calls.push(['selectBranch', id, leafId]);
      return ifKnown(id, { ...session, leafId });
    },
    async forkSession(id, body) {
      calls.push(['forkSession', id, body]);
      const forkedFrom = { sessionId: id, messageId: body.messageId };
      return ifKnown(id, { ...session, id: unknownId, leafId: body.messageId, forkedFrom });
    },
    async importSession(body) {
      calls.push(['importSession', body]);
      return accepted(session);
    },
    async updateConfig(patch) {
      calls.push(['updateConfig', patch]);
      config = patchedRuntimeConfig(config, patch);
      return accepted(config);
    },
    async startTurn(id, body) {
      calls.push(['startTurn', id, body]);
      return ifKnown(id, startedTurn(id));
    },
    async claimTurn(id, body) {
      calls.push(['claimTurn', id, body]);
      return claimedTurn(id);
    },
    turns: fakeTurns(calls),
    async setFlag({ name, value }, by) {
      calls.push(['setFlag', name, value, by]);
      config = patchedRuntimeConfig(config, { features: { [name]: value } });
      return accepted(config);
    },
    async createTrace({ id = traceIdSchema.parse(unknownId), name, sessionId: of }) {
      calls.push(['createTrace', id, name, of]);
      return accepted({ ...trace, id, name });
    },
    async appendSpans(id, spans) {
      calls.push(['appendSpans', id, spans]);
      return accepted({ traceId: id, stored: spans.length });
    },
    async finaliseTrace(id, body) {
      calls.push(['finaliseTrace', id, body]);
      return accepted({ ...trace, id, status: body.status ?? 'completed', durationMs: 1 });
    },
    async resetConfig(by) {
      calls.push(['resetConfig', by]);
      config = defaultRuntimeConfig;
      return accepted(config);
    },
    async cancelTurns(id, promptId) {
      calls.push(['cancelTurns', id, promptId]);
      return ifKnown(id, { sessionId: id, cancelled: [] });
    },
    async approveToolCall(id, callId, reason) {
      calls.push(['approveToolCall', id, callId, reason]);
      return ifKnown(id, { sessionId: id, callId, decision: 'approved' as const });
    },
    async denyToolCall(id, callId, reason) {
      calls.push(['denyToolCall', id, callId, reason]);
      return ifKnown(id, { sessionId: id, callId, decision: 'denied' as const });
    },
    async updateLayout(owner, patch) {
      calls.push(['updateLayout', owner, patch]);
      return accepted(shownLayout({ layout: patch, updatedAt: Date.parse(at) }));
    },
    async registerTool(body) {
      calls.push(['registerTool', body]);
      return accepted({ ...exampleTool, ...body, secret: 'whsec_c2VjcmV0' });
    },
    async updateTool(name, patch) {
      calls.push(['updateTool', name, patch]);
      return ifNamed(name, exampleTool);
    },
    async activateTool(name) {
      calls.push(['activateTool', name]);
      return ifNamed(name, exampleTool);
    },
    async deactivateTool(name) {
      calls.push(['deactivateTool', name]);
      return ifNamed(name, { ...exampleTool, active: false });
    },
    async rotateToolSecret(name) {
      calls.push(['rotateToolSecret', name]);
      return ifNamed(name, { ...exampleTool, secret: 'whsec_c2VjcmV0' });
    },
    registeredTools: () => [exampleTool],
    ...fakeKeys(calls, at),
    runtimeConfig: () => config,
  };

  async function read<Value>(name: string, given: readonly unknown[], value: Value): Promise<Value> {
    calls.push([name, ...given]);
    await services.beforeRead();
    return value;
  }

  const readModel: ReadModel = {
    sessions: (page) => read('sessions', [page], [session]),
    findSessions: (query) => read('findSessions', [query], [{ ...session, snippets: [] }]),
    session: (id) => read('session', [id], id === sessionId ? session : undefined),
    storedSession: (id) => read('storedSession', [id], undefined),
    sessionAccess: (id) =>
      read(
        'sessionAccess',
        [id],
        id === sessionId ? { owner: null, tenant: null, members: new Map() } : undefined,
      ),
    storedBytes: (owner) => read('storedBytes', [owner], 0),
    storedSessions: (...query) => read('storedSessions', query, 0),
    tokensSpent: (...query) => read('tokensSpent', query, 0),
    participants: (id) => read('participants', [id], [owner]),
    messages: (id, page, branch) => read('messages', [id, page, branch], services.stored),
    messageSizes: async () => services.stored.map(({ id, content }) => ({ id, bytes: content.length })),
    messagesOf: async (_, ids) => services.stored.filter(({ id }) => ids.includes(id)),
    copyOf: (id, upTo) => read('copyOf', [id, upTo], undefined),
    isDeletedMessage: (id, messageId) => read('isDeletedMessage', [id, messageId], false),
    transcripts: copiedTranscripts((id) =>
      id === sessionId
        ? { session, conversation: { leafId: null, messages: [...services.stored], turns: [], calls: [] } }
        : undefined,
    ),
    place: (id, messageId) => read('place', [id, messageId], undefined),
    conversation: (query) => read('conversation', [query], undefined),
    message: (session, id) => read('message', [session, id], undefined),
    traces: (page, ofSession) => read('traces', ofSession === undefined ? [page] : [page, ofSession], traces),
    spans: (trace, page) => read('spans', [trace, page], []),
    spansWith: (trace, ids) => read('spansWith', [trace, ids], []),
    spanCount: (trace) => read('spanCount', [trace], 0),
    endedTraces: (query) => read('endedTraces', [query], []),
    traceAccess: (id) => read('traceAccess', [id], undefined),
    trace: (id) => read('trace', [id], undefined),
    sessionRuns: (id, page) => read('sessionRuns', [id, page], []),
    toolCalls: (turn) => read('toolCalls', [turn], []),
    toolCall: (id) => read('toolCall', [id], undefined),
    sessionToolCalls: (id, page) => read('sessionToolCalls', [id, page], []),
    historySize: (id) => read('historySize', [id], { messages: 0, bytes: 0 }),
    toolCallsWith: (status, page) => read('toolCallsWith', [status, page], []),
    turn: (id) => read('turn', [id], undefined),
    turnsWith: (status, page) => read('turnsWith', [status, page], []),
    sessionWork: (ids) => read('sessionWork', [ids], new Map()),
    turnSteps: (turn) => read('turnSteps', [turn], []),
    sessionsWithOpenTurns: () => read('sessionsWithOpenTurns', [], []),
    runtimeConfig: () => read('runtimeConfig', [], undefined),
    registeredTools: () => read('registeredTools', [], []),
    audit: (page) => read('audit', [page], []),
    storedKeys: () => read('storedKeys', [], []),
    configHistory: (page) => read('configHistory', [page], []),
    completedCommand: (key) => read('completedCommand', [key], undefined),
    layout: (owner) => read('layout', [owner], { layout: {}, updatedAt: Date.parse(at) }),
  };

  const services: FakeServices = {
    calls,
    door,
    readModel,
    keys: { shown: (fact) => ({ ...fact, lastUsedAt: null }) },
    previewUnitsMax: limits.previewUnitsMax,
    importBytesMax: limits.importBytesMax,
    messageBounds: defaultMessageBounds,
    stored: [],
    inspection: exampleInspection((id) => id === sessionId),
    logs: {
      entries(offset, limit) {
        calls.push(['logs', offset, limit]);
        return [logEntry];
      },
      emitManual: () => logEntry,
    },
    listed: toolCatalog({
      builtIn: createToolBox([]),
      mcp: createToolBox([]),
      registered: () => [exampleTool],
      offered: createToolBox([]),
    }),
    tools: () => services.listed,
    files: memoryFiles(),
    providers: {
      list: () => {
        const models = [{ id: 'rehearsal', accepts: ['audio' as const] }];
        return [{ name: 'rehearsal', models, accepts: ['image'], available: true }];
      },
    },
    configFile: fakeConfigFile(calls),
    executionTree: async (id) => {
      calls.push(['executionTree', id]);
      if (id !== sessionId) return undefined;
      const history = { messages: 2, bytes: 12 };
      return executionTree({
        ...{ session, history, model: 'local/small/one', calls: [], running: null },
        now: Date.parse(at),
      });
    },
    answerAddMessage: async (message) => accepted(message),
    beforeRead: () => {},
    isReady: true,
    authorize: () => null,
    makeToken: async () => accepted({ token: exampleToken, expiresAt: at, principal: local }),
    unready: () => (services.isReady ? null : refusal('unavailable', 'Server is not ready')),
  };
  return services;
}
