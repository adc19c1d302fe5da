/** What a tool, or the person whom a call waits for, may say to a tool call. */
import './without-eval.ts';
import { z } from 'zod';
import type { ToolCallEvent } from '../../../../machines/tool-call.ts';
import type { ActorView } from '../../../../schema/actor-view.ts';
import type { SessionCommand } from '../../../../schema/commands.ts';
import { sessionIdSchema, toolCallIdSchema } from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { rootOfSession } from '../address.ts';
import { offer, shownAs, type WhatIfOffer } from './offer.ts';
import type { Sent } from './sandboxed-session.ts';
import { stamped } from './session-offers.ts';

const result = z.object({
  result: z
    .string()
    .max(limits.toolResultUnitsMax, `At most ${limits.toolResultUnitsMax} characters.`)
    .meta(shownAs({ title: 'Result', lines: 'many' })),
});

const failure = z.object({
  error: z
    .string()
    .min(1, 'Write what went wrong.')
    .meta(shownAs({ title: 'Error' })),
});

const decision = z.object({
  reason: z
    .string()
    .optional()
    .meta(shownAs({ title: 'Reason (may be empty)' })),
});

const cancellation = z.object({
  reason: z.string().meta(shownAs({ title: 'Reason', initial: 'Cancelled' })),
});

export function toolOffers({ id, sessionId, entityId, states }: ActorView): readonly WhatIfOffer[] {
  if (sessionId === null || entityId === null) return [];
  const session = sessionIdSchema.parse(sessionId);
  const callId = toolCallIdSchema.parse(entityId);
  const one = (event: ToolCallEvent & { readonly at: number }): readonly Sent[] => [{ to: id, event }];
  const decides = (
    type: 'tool.approve' | 'tool.deny',
    reason: string | undefined,
    at: number,
  ): readonly Sent[] => {
    const event: SessionCommand = { type, ...stamped(at), sessionId: session, callId, reason, stored: null };
    return [{ to: rootOfSession(session), event }];
  };
  const cancel = offer('toolCall.cancel', 'The call is cancelled', cancellation, ({ reason }, { at }) =>
    one({ type: 'toolCall.cancel', at, reason }),
  );
  if (states.includes('awaitingApproval')) {
    return [
      offer('tool.approve', 'A person approves the call', decision, ({ reason }, { at }) =>
        decides('tool.approve', reason, at),
      ),
      offer('tool.deny', 'A person denies the call', decision, ({ reason }, { at }) =>
        decides('tool.deny', reason, at),
      ),
      cancel,
    ];
  }
  return [
    offer('tool.completed', 'The tool returns', result, (value, { at }) =>
      one({ type: 'tool.completed', at, result: value.result }),
    ),
    offer('tool.failed', 'The tool fails', failure, ({ error }, { at }) =>
      one({ type: 'tool.failed', at, error }),
    ),
    cancel,
  ];
}
