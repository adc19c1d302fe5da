/** All that a person may let happen to an actor in its present state. */
import './without-eval.ts';
import { z } from 'zod';
import type { ActorView } from '../../../../schema/actor-view.ts';
import { modelOffers } from './model-offers.ts';
import { offer, shownAs, type WhatIfOffer } from './offer.ts';
import { sessionOffers, stamped } from './session-offers.ts';
import { toolOffers } from './tool-offers.ts';

/** The last is any event at all, as JSON. */
export function offersTo(view: ActorView): readonly WhatIfOffer[] {
  return view.status === 'active' && view.chartId !== null ? [...namedOffers(view), anyEvent(view)] : [];
}

function namedOffers(view: ActorView): readonly WhatIfOffer[] {
  switch (view.kind) {
    case 'session':
      return sessionOffers(view);
    case 'turn':
      return modelOffers(view);
    case 'toolCall':
      return toolOffers(view);
    default:
      return [];
  }
}

const eventSchema = z.looseObject(
  { type: z.string('The event needs a "type", which is a text.').min(1, 'The "type" is empty.') },
  'An event is a JSON object, such as {"type": "turn.cancel"}.',
);

const anyJson = z.object({
  json: z
    .string()
    .superRefine((text, { addIssue }) => {
      const fault = faultOf(text);
      if (fault !== null) addIssue(fault);
    })
    .meta(shownAs({ title: 'Event, as JSON', lines: 'many', initial: '{"type": ""}' })),
});

/** `at`, and for the session `commandId`, are added where they are missing. */
function anyEvent({ id, kind }: ActorView): WhatIfOffer {
  return offer('any', 'Another event, as JSON', anyJson, ({ json }, { at }) => {
    const stamp = kind === 'session' ? stamped(at) : { at };
    return [{ to: id, event: { ...stamp, ...eventSchema.parse(JSON.parse(json)), at } }];
  });
}

function faultOf(text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  const parsed = eventSchema.safeParse(value);
  return parsed.success ? null : (parsed.error.issues[0]?.message ?? 'This is no event.');
}
