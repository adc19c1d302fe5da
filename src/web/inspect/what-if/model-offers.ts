/** What a model may say to a turn. The person stands for the model. */
import './without-eval.ts';
import { z } from 'zod';
import type { AnswerEvent } from '../../../../machines/answer.ts';
import type { TurnEvent } from '../../../../machines/turn-context.ts';
import type { ActorView } from '../../../../schema/actor-view.ts';
import { type EngineErrorCode, engineErrorTable } from '../../../../schema/engine-error.ts';
import { toolCallIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { finishReasons, noUsage } from '../../../../schema/model-usage.ts';
import { newUuid } from '../../../client/connection/random-id.ts';
import { offer, type Surroundings, shownAs, type WhatIfOffer } from './offer.ts';
import type { Sent } from './sandboxed-session.ts';

const text = z.object({
  text: z
    .string()
    .min(1, 'Write what the model says.')
    .max(limits.answerUnitsMax, `At most ${limits.answerUnitsMax} characters.`)
    .meta(shownAs({ title: 'Text', lines: 'many' })),
});

const toolCall = z.object({
  name: z
    .string()
    .min(1, 'Name the tool.')
    .meta(shownAs({ title: 'Tool' })),
  argumentsJson: z
    .string()
    .refine(isJson, 'This is not JSON; an object such as {"city": "Oslo"} is expected.')
    .meta(shownAs({ title: 'Arguments, as JSON', lines: 'many', initial: '{}' })),
  needsApproval: z.boolean().meta(shownAs({ title: 'A person must approve it' })),
});

const ending = z.object({ finishReason: z.enum(finishReasons).meta(shownAs({ title: 'Why it ends' })) });

const errorCodes = Object.keys(engineErrorTable).filter(isErrorCode);

const failing = z.object({
  code: z.enum(errorCodes).meta(shownAs({ title: 'Class of failure' })),
  error: z.string().meta(shownAs({ title: 'What the provider says', initial: 'Too many requests' })),
  retryAfterMs: z
    .number('A number of milliseconds is expected.')
    .int('Whole milliseconds are expected.')
    .nonnegative('It cannot be negative.')
    .optional()
    .meta(shownAs({ title: 'Try again after, ms (may be empty)' })),
});

const stopping = z.object({
  reason: z.string().meta(shownAs({ title: 'Reason', initial: 'The process stopped' })),
});

export function modelOffers({ id, states }: ActorView): readonly WhatIfOffer[] {
  const one = (event: TurnEvent & { readonly at: number }): readonly Sent[] => [{ to: id, event }];
  const stop = offer('turn.interrupt', 'The process stops', stopping, ({ reason }, { at }) =>
    one({ type: 'turn.interrupt', at, reason }),
  );
  if (!states.includes('modelCall.calling')) return [stop];
  const isBegun = states.includes('modelCall.calling.streaming');
  const begun = (at: number): readonly Sent[] =>
    isBegun ? [] : [...one({ type: 'engine.starting', at }), ...one({ type: 'engine.began', at })];
  const says = (type: 'answer.text' | 'answer.reasoning', said: string, at: number): readonly Sent[] => {
    const event: AnswerEvent = { type, text: said.toWellFormed(), at };
    return [...begun(at), { to: `${id}/answer`, event }];
  };
  return [
    offer('answer.text', 'The model says', text, (value, { at }) => says('answer.text', value.text, at)),
    offer('answer.reasoning', 'The model reasons', text, (value, { at }) =>
      says('answer.reasoning', value.text, at),
    ),
    offer('engine.toolCall', 'The model asks for a tool', toolCall, (call, { at }) => [
      ...begun(at),
      ...one({ type: 'engine.toolCall', at, call: askedCall(call) }),
    ]),
    offer(
      'engine.finished',
      'The model has finished',
      ending,
      ({ finishReason }, { at, answerUnits }: Surroundings) => [
        ...begun(at),
        ...one({
          type: 'engine.finished',
          at,
          finishReason,
          usage: noUsage,
          model: undefined,
          continuation: undefined,
          answerUnits,
          reasoning: undefined,
        }),
      ],
    ),
    offer('engine.failed', 'The model call fails', failing, ({ code, error, retryAfterMs }, { at }) =>
      one({ type: 'engine.failed', at, code, error, retryAfterMs, jitter: 0.5 }),
    ),
    stop,
  ];
}

function askedCall({ name, argumentsJson, needsApproval }: z.output<typeof toolCall>) {
  const id = toolCallIdSchema.parse(newUuid());
  const approval = needsApproval ? { approval: { timeoutMs: null } } : {};
  return { id, modelCallId: `what-if-${id.slice(0, 8)}`, name, argumentsJson, ...approval };
}

function isErrorCode(code: string): code is EngineErrorCode {
  return Object.hasOwn(engineErrorTable, code);
}

function isJson(given: string): boolean {
  try {
    JSON.parse(given);
    return true;
  } catch {
    return false;
  }
}
