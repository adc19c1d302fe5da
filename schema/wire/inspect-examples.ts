/** The frames that an inspector of the conversation in `examples.ts` gets (SPEC [DOC3]). */
import type { z } from 'zod';
import { actorPathSchema, actorViewSchema } from '../actor-view.ts';
import { machineChartsSchema } from '../machine-chart.ts';
import { operatorCommandSchema } from '../operator-command.ts';
import { recordingPageSchema } from '../recording.ts';
import { sessionHistorySchema } from '../session-history.ts';
import { inspectedJournalSchema } from '../session-journal.ts';
import { exampleIds } from './example-ids.ts';
import { inspectVersion } from './inspect-event.ts';
import {
  inspectChangesSchema,
  inspectEventsSchema,
  inspectedSessionSchema,
  inspectFocusedSchema,
  inspectFocusSchema,
  inspectSnapshotSchema,
  inspectSubscribedSchema,
  inspectSubscribeSchema,
} from './inspect-frame.ts';

const root = `session.${exampleIds.session}`;
const call = `${root}/turn.${exampleIds.turn}/toolCall.${exampleIds.toolCall}`;
const at = 1_764_020_402_200;

const view = {
  id: call,
  parentId: `${root}/turn.${exampleIds.turn}`,
  kind: 'toolCall',
  chartId: 'toolCall',
  sessionId: exampleIds.session,
  entityId: exampleIds.toolCall,
  label: 'clock',
  status: 'active',
  value: 'running',
  states: ['running'],
  tags: [],
  since: at,
  sinceExact: true,
  lastEvent: { type: 'xstate.init', at },
  transitions: [],
  counts: {},
} satisfies z.input<typeof actorViewSchema>;

const command = {
  command: 'turn.cancel',
  label: 'Stop the answer',
  allowed: true,
  effective: true,
  reason: null,
  destructive: false,
  request: { method: 'POST', path: `/chat-sessions/${exampleIds.session}/cancel`, body: {} },
} satisfies z.input<typeof operatorCommandSchema>;

const event = { type: 'tool.call', sessionId: exampleIds.session };
const data = JSON.stringify({ sessionId: exampleIds.session, id: exampleIds.toolCall, name: 'clock' });

export const inspectExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [actorPathSchema, call],
  [actorViewSchema, view],
  [operatorCommandSchema, command],
  [inspectSubscribeSchema, { namespaces: ['inspect'] } satisfies z.input<typeof inspectSubscribeSchema>],
  [
    inspectSubscribedSchema,
    { sessions: 1, intervalMs: 100 } satisfies z.input<typeof inspectSubscribedSchema>,
  ],
  [inspectFocusSchema, { actorId: root } satisfies z.input<typeof inspectFocusSchema>],
  [inspectFocusedSchema, { actorId: root, live: true } satisfies z.input<typeof inspectFocusedSchema>],
  [
    inspectSnapshotSchema,
    { first: true, last: true, at, actors: [view] } satisfies z.input<typeof inspectSnapshotSchema>,
  ],
  [
    inspectChangesSchema,
    {
      at,
      actors: [view],
      removed: [`${root}/turn.${exampleIds.turn}/engine`],
      sampled: { events: 37, sessionsWaiting: 0 },
    } satisfies z.input<typeof inspectChangesSchema>,
  ],
  [
    inspectEventsSchema,
    {
      actorId: root,
      sessionId: exampleIds.session,
      at,
      events: [
        {
          type: '@callboard.emitted',
          id: '3',
          _version: inspectVersion,
          createdAt: String(at),
          rootId: root,
          sessionId: call,
          event,
          callboard: {
            preview: JSON.stringify(event),
            count: 1,
            delivery: 'durable',
            namespace: 'tools',
            seq: 9,
            topics: ['baseline/tools', 'v1/tools', `v1/tools/${exampleIds.session}`],
            frame: `{"event":"tool.call","data":${data},"seq":9}`,
          },
        },
      ],
      dropped: 0,
      actors: [{ ...view, context: '{"name":"clock"}' }],
      commands: [command],
    } satisfies z.input<typeof inspectEventsSchema>,
  ],
  [
    inspectedSessionSchema,
    {
      sessionId: exampleIds.session,
      live: true,
      actors: [{ ...view, context: '{"name":"clock"}' }],
      commands: [command],
    } satisfies z.input<typeof inspectedSessionSchema>,
  ],
  [
    sessionHistorySchema,
    {
      sessionId: exampleIds.session,
      complete: true,
      events: { count: 12, first: 3, last: 17 },
      offset: 4,
      steps: [
        {
          seq: 9,
          at,
          event: 'tool.call',
          namespace: 'tools',
          data,
          basis: 'replayed',
          actorId: call,
          inputs: [
            { actorId: `${root}/turn.${exampleIds.turn}`, type: 'engine.finished', at, preview: '{}' },
          ],
          actors: [{ ...view, context: '{"name":"clock"}' }],
          untaken: [
            {
              actorId: `${root}/turn.${exampleIds.turn}`,
              transitions: ['modelCall:engine.finished:1', 'modelCall:engine.failed:0'],
            },
          ],
          note: null,
        },
      ],
      next: null,
    } satisfies z.input<typeof sessionHistorySchema>,
  ],
  [
    recordingPageSchema,
    {
      recordings: [
        {
          id: exampleIds.session,
          title: 'Time',
          status: 'active',
          createdAt: '2026-11-23T04:40:00.000Z',
          updatedAt: '2026-11-23T04:40:02.310Z',
          standing: {
            outcome: 'failed',
            reason: 'The model is overloaded',
            since: '2026-11-23T04:40:02.310Z',
            durationMs: 2310,
            tools: ['clock'],
            models: ['rehearsal'],
          },
        },
      ],
      next: null,
    } satisfies z.input<typeof recordingPageSchema>,
  ],
  [
    inspectedJournalSchema,
    {
      sessionId: exampleIds.session,
      events: [
        {
          seq: 9,
          event: { type: 'turn.step.started', sessionId: exampleIds.session, at, data: { step: 1 } },
          cause: '{"machines":"6.1x2y3z","causes":[{"heard":{"type":"engine.starting"},"to":"turn"}]}',
        },
      ],
      next: null,
    } satisfies z.input<typeof inspectedJournalSchema>,
  ],
  [
    machineChartsSchema,
    {
      machines: [
        {
          id: 'light',
          kind: 'machine',
          states: [
            {
              path: '',
              key: 'light',
              parent: null,
              type: 'compound',
              initial: 'off',
              description: null,
              tags: [],
              entry: [],
              exit: [],
              invokes: [],
            },
            {
              path: 'off',
              key: 'off',
              parent: '',
              type: 'atomic',
              initial: null,
              description: null,
              tags: [],
              entry: ['sayOff'],
              exit: [],
              invokes: [],
            },
          ],
          transitions: [
            {
              id: 'off:switch:0',
              source: 'off',
              event: 'switch',
              trigger: 'event',
              delay: null,
              targets: ['off'],
              guard: 'isBroken',
              actions: ['sayBroken'],
              reenter: true,
            },
          ],
        },
      ],
    } satisfies z.input<typeof machineChartsSchema>,
  ],
];
