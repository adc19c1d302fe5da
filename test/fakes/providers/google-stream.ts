/** Answers in the streaming format of Google's Gemini API (`streamGenerateContent?alt=sse`), as its reference describes it. */
import type { ScriptedAnswer, ScriptStep } from './scripted-provider.ts';

export type GoogleScript = {
  readonly text?: readonly string[];
  readonly thoughts?: readonly string[];
  readonly calls?: readonly { readonly name: string; readonly args: object }[];
  readonly finish?: string;
};

export function googleChunk(parts: readonly object[], more: object = {}, finishReason?: string): string {
  const candidate = {
    content: { role: 'model', parts },
    index: 0,
    ...(finishReason === undefined ? {} : { finishReason }),
  };
  return `data: ${JSON.stringify({ candidates: [candidate], modelVersion: 'scripted', responseId: 'r1', ...more })}\n\n`;
}

export function googleSteps(script: GoogleScript): readonly ScriptStep[] {
  const { text = [], thoughts = [], calls = [], finish = 'STOP' } = script;
  const usageMetadata = { promptTokenCount: 7, candidatesTokenCount: 5, totalTokenCount: 12 };
  return [
    ...thoughts.map((piece) => googleChunk([{ text: piece, thought: true }])),
    ...text.map((piece) => googleChunk([{ text: piece }])),
    ...calls.map(({ name, args }) => googleChunk([{ functionCall: { name, args } }])),
    googleChunk([{ text: '' }], { usageMetadata }, finish),
  ].map((send) => ({ send }));
}

export function googleAnswer(script: GoogleScript): ScriptedAnswer {
  return { steps: googleSteps(script) };
}
