/** The transcript of the conversation of which the examples tell (examples.ts). */
import type { z } from 'zod';
import type { transcriptSchema } from '../transcript.ts';
import { exampleIds } from './example-ids.ts';

export const transcriptExample = {
  callboard: 'transcript',
  version: 1,
  session: {
    title: 'Clocks',
    createdAt: '2026-11-23T04:40:00.000Z',
    updatedAt: '2026-11-23T04:40:02.310Z',
  },
  leafId: exampleIds.answer,
  messages: [
    {
      id: exampleIds.prompt,
      role: 'user',
      createdAt: '2026-11-23T04:40:00.000Z',
      parentId: null,
      status: 'complete',
      parts: [{ type: 'text', text: 'What time is it?' }],
    },
    {
      id: exampleIds.answer,
      role: 'assistant',
      createdAt: '2026-11-23T04:40:01.120Z',
      parentId: exampleIds.prompt,
      promptId: exampleIds.prompt,
      finishReason: 'stop',
      model: 'gpt-5-mini',
      usage: { inputTokens: 48, outputTokens: 12 },
      status: 'complete',
      parts: [
        { type: 'tool-call', callId: exampleIds.toolCall, name: 'clock' },
        { type: 'step', step: 2 },
        { type: 'text', text: 'It is 04:40 UTC.' },
      ],
    },
  ],
  turns: [
    {
      turnId: exampleIds.turn,
      promptId: exampleIds.prompt,
      answerId: exampleIds.answer,
      traceId: exampleIds.trace,
      outcome: 'completed',
      queuedAt: '2026-11-23T04:40:00.000Z',
      endedAt: '2026-11-23T04:40:02.310Z',
      steps: [{ step: 1, answerUnits: 0, finishReason: 'tool-calls', usage: { inputTokens: 20 } }],
    },
  ],
  calls: [
    {
      id: exampleIds.toolCall,
      turnId: exampleIds.turn,
      step: 1,
      modelCallId: 'call_1',
      name: 'clock',
      status: 'completed',
      agentId: 'assistant',
      argumentsJson: '{}',
      result: '2026-11-23T04:40:01.000Z',
      startedAt: '2026-11-23T04:40:00.900Z',
      endedAt: '2026-11-23T04:40:01.000Z',
    },
  ],
} satisfies z.input<typeof transcriptSchema>;
