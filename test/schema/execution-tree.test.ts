/** The execution tree, written from docs/protocol.md A6: what the baseline's page can draw without crashing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExecutionTreeParts,
  executionState,
  executionStateSchema,
  executionTree,
  executionTreeSchema,
  type TreeCall,
} from '../../schema/execution-tree.ts';
import { sessionIdSchema } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { ToolCallStatus } from '../../schema/tool-event.ts';

const id = sessionIdSchema.parse('6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11');

const texts = fc.oneof(
  fc.string(),
  fc.json({ maxDepth: 2 }),
  fc.nat({ max: 3000 }).map((length) => JSON.stringify('x'.repeat(length))),
);

const calls: fc.Arbitrary<TreeCall> = fc.record({
  id: fc.uuid(),
  turnId: fc.uuid(),
  step: fc.integer({ min: 1, max: 9 }),
  name: fc.string(),
  status: fc.constantFrom<ToolCallStatus>('awaitingApproval', 'running', 'completed', 'failed'),
  argumentsJson: texts,
  result: fc.option(texts),
  startedAt: fc.nat(),
  endedAt: fc.option(fc.nat()),
});

const someParts: fc.Arbitrary<ExecutionTreeParts> = fc.record({
  session: fc.record({ id: fc.constant(id), title: fc.string() }),
  model: fc.constantFrom('rehearsal', 'openai/gpt-5-mini', 'local/some/model'),
  history: fc.record({ messages: fc.nat(), bytes: fc.nat() }),
  calls: fc.array(calls, { maxLength: 40 }),
  running: fc.option(
    fc.record({
      turnId: fc.uuid(),
      messageId: fc.uuid(),
      state: fc.constant('runningTools'),
      step: fc.nat(),
      attempt: fc.nat(),
    }),
  ),
  now: fc.nat(),
});

function treeOf(parts: Partial<ExecutionTreeParts>) {
  return executionTree({
    ...{ session: { id, title: 'Clocks' }, model: 'rehearsal', history: { messages: 1, bytes: 5 } },
    ...{ calls: [], running: null, now: 0 },
    ...parts,
  });
}

function callOf(argumentsJson: string, result: string | null = null): TreeCall {
  return {
    ...{ id: 'c', turnId: 't', step: 1, name: 'clock', status: 'completed', startedAt: 1, endedAt: 2 },
    ...{ argumentsJson, result },
  };
}

describe('the execution tree', () => {
  it('[ORC1] has one root, which stands for the session, and each call names it', () => {
    fc.assert(
      fc.property(someParts, (parts) => {
        const tree = executionTreeSchema.parse(executionTree(parts));
        const { session, history, running } = parts;
        expect(tree.agentHierarchy).toMatchObject([
          { id, name: session.title, depth: 0, metadata: { messageCount: history.messages }, children: [] },
        ]);
        expect(tree.agentHierarchy[0]?.metadata.state).toBe(running === null ? 'idle' : running.state);
        expect(tree.toolInvocations.map((one) => one.id)).toEqual(parts.calls.map((call) => call.id));
        for (const { id: call, metadata } of tree.toolInvocations) {
          expect(metadata).toMatchObject({ agentId: id, toolCallId: call, createdAt: metadata.startedAt });
        }
        expect(executionStateSchema.parse(executionState(tree))).toMatchObject(tree);
      }),
    );
  });

  it('[ORC1] sorts every call of its state under the one agent, by status', () => {
    fc.assert(
      fc.property(someParts, (parts) => {
        const state = executionState(executionTree(parts));
        const groups = Object.entries(state.toolGroupsByAgentId[id] ?? {});
        for (const [status, ones] of groups) for (const one of ones) expect(one.status).toBe(status);
        expect(groups.flatMap(([, ones]) => ones)).toHaveLength(parts.calls.length);
        expect(state.contextBundlesByAgentId).toEqual({ [id]: state.contextBundles });
      }),
    );
  });

  it.each([
    ['rehearsal', 'rehearsal', 'rehearsal'],
    ['openai/gpt-5-mini', 'openai', 'gpt-5-mini'],
    ['local/some/model', 'local', 'some/model'],
  ])('[ORC3] tells %s as the catalogue does', (given, provider, model) => {
    expect(treeOf({ model: given }).agentHierarchy).toMatchObject([{ provider, model }]);
  });

  it.each([
    ['{"timeZone":"Europe/Berlin"}', { timeZone: 'Europe/Berlin' }],
    ['42', 42],
    ['"text"', 'text'],
    ['null', null],
    ['no {JSON', 'no {JSON'],
    ['', ''],
    ['[{"\\ud800": "\\udc00 \\ud83d\\ude00"}]', [{ '\ufffd': '\ufffd 😀' }]],
  ])('[ORC4] tells %s as a value', (text, value) => {
    const [one] = treeOf({ calls: [callOf(text, text)] }).toolInvocations;
    expect(one?.metadata).toMatchObject({ arguments: value, result: value });
  });

  it('[ORC4] cuts long values, and older ones where all together are too long', () => {
    const whole = JSON.stringify({ a: 'x'.repeat(limits.executionTreeValueUnitsMax - 8) });
    expect(whole).toHaveLength(limits.executionTreeValueUnitsMax);
    const cut = `${whole.slice(0, limits.executionTreePreviewUnitsMax)}…`;
    const [one] = treeOf({ calls: [callOf(whole, `${whole} `)] }).toolInvocations;
    expect(one?.metadata).toMatchObject({ arguments: JSON.parse(whole), result: cut });
    const fitting = limits.executionTreeUnitsMax / limits.executionTreeValueUnitsMax;
    const many = Array.from({ length: fitting + 5 }, () => callOf(whole));
    const shown = treeOf({ calls: many }).toolInvocations.map(({ metadata }) => metadata.arguments);
    expect(shown.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => cut));
    expect(shown.slice(5)).toEqual(Array.from({ length: fitting }, () => JSON.parse(whole)));
  });

  it('[ORC1] has the history as a bundle', () => {
    const bundle = { id: `${id}-history`, label: 'Session history', fileCount: 0, files: [] };
    expect(treeOf({}).contextBundles).toEqual([{ ...bundle, summary: '1 message', sizeBytes: 5 }]);
    expect(treeOf({ history: { messages: 0, bytes: 0 } }).contextBundles).toEqual([
      { ...bundle, summary: '0 messages', sizeBytes: 0 },
    ]);
  });
});
