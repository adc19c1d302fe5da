/** What people and the process may do to a session: its commands, with the fields that a person fills in. */
import './without-eval.ts';
import { z } from 'zod';
import type { SessionEvent } from '../../../../machines/chat-session-context.ts';
import type { ActorView } from '../../../../schema/actor-view.ts';
import {
  commandIdSchema,
  messageIdSchema,
  sessionIdSchema,
  traceIdSchema,
  turnIdSchema,
} from '../../../../schema/ids.ts';
import { limits } from '../../../../schema/limits.ts';
import { newUuid } from '../../../client/connection/random-id.ts';
import { offer, shownAs, type WhatIfOffer } from './offer.ts';

const nothing = z.object({});

const message = z.object({
  content: z
    .string()
    .min(1, 'Write what the person says.')
    .max(limits.messageCharactersLegalMax, `At most ${limits.messageCharactersLegalMax} characters.`)
    .meta(shownAs({ title: 'Message', lines: 'many' })),
});

const title = z.object({
  title: z
    .string()
    .min(1, 'Write the new title.')
    .max(limits.labelCharactersMax, `At most ${limits.labelCharactersMax} characters.`)
    .meta(shownAs({ title: 'Title' })),
});

const stopping = z.object({
  reason: z.string().meta(shownAs({ title: 'Reason', initial: 'The process stopped' })),
});

/** The stamp that the door gives every command. */
export function stamped(at: number) {
  return { commandId: commandIdSchema.parse(newUuid()), at };
}

export function sessionOffers({ id, sessionId }: ActorView): readonly WhatIfOffer[] {
  if (sessionId === null) return [];
  const session = sessionIdSchema.parse(sessionId);
  const one = (event: SessionEvent & { readonly at: number }) => [{ to: id, event }];
  const plain = (
    type: 'session.archive' | 'session.unarchive' | 'session.close' | 'session.reopen' | 'session.delete',
    label: string,
  ) => offer(type, label, nothing, (_, { at }) => one({ type, ...stamped(at) }));
  return [
    offer('message.add', 'A person sends a message', message, ({ content }, { at }) => {
      const promptId = messageIdSchema.parse(newUuid());
      return one({
        type: 'message.add',
        ...stamped(at),
        message: { id: promptId, role: 'user', content },
        clientMadeId: false,
        turn: {
          turnId: turnIdSchema.parse(newUuid()),
          sessionId: session,
          promptId,
          answerId: messageIdSchema.parse(newUuid()),
          traceId: traceIdSchema.parse(newUuid()),
        },
      });
    }),
    offer('turn.cancel', 'A person stops the answer', nothing, (_, { at }) =>
      one({ type: 'turn.cancel', ...stamped(at) }),
    ),
    offer('session.update', 'A person renames the session', title, (patch, { at }) =>
      one({ type: 'session.update', ...stamped(at), patch }),
    ),
    plain('session.archive', 'A person archives the session'),
    plain('session.unarchive', 'A person takes it out of the archive'),
    plain('session.close', 'A person closes the session'),
    plain('session.reopen', 'A person opens it again'),
    plain('session.delete', 'A person deletes the session'),
    offer('session.interrupt', 'The process stops', stopping, ({ reason }, { at }) =>
      one({ type: 'session.interrupt', at, reason }),
    ),
  ];
}
