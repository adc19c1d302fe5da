/**
 * Goal: who may see a session is known as soon as a change of it is published, because its command is answered next ([OWN3]).
 * Method: a stream hub whose clock stands still, so that nothing that waits for the end of a tick happens; generated changes,
 * with other events among them, and after each a look at what is known.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JournaledEvent } from '../../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../../schema/ids.ts';
import {
  type ParticipantRole,
  participantIdSchema,
  participantRoles,
} from '../../../../schema/participant.ts';
import { SessionAccesses } from '../../../../src/gateway/access/session-accesses.ts';
import { createStreamHub } from '../../../../src/gateway/stream/stream-hub.ts';
import { entry, newId, participant, session, start } from '../../../contract/sample-entries.ts';
import { SimulatedClock } from '../../../simulation/simulated-clock.ts';
import { emptyEventLog, recordingLog } from '../running-gateway.ts';

const people = ['key:a', 'key:b', 'key:c'].map((id) => participantIdSchema.parse(id));

const change = fc.record({
  what: fc.constantFrom(
    'add' as const,
    'change' as const,
    'remove' as const,
    'hand over' as const,
    'talk' as const,
  ),
  who: fc.constantFrom(...people),
  role: fc.constantFrom(...participantRoles),
});

it('[OWN3] who takes part, and whose a session is, is known before the command for it is answered', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const accesses = new SessionAccesses(async () => undefined);
      const { publisher } = createStreamHub({
        accesses,
        isOpen: () => false,
        native: () => {},
        eventLog: emptyEventLog,
        newestSeq: 0,
        flushMsMax: 0,
        heartbeatMs: 1e9,
        clock: new SimulatedClock(),
        log: recordingLog(),
      });
      const id = newId<SessionId>();
      let seq = 0;
      const say = (event: JournaledEvent) => publisher.durable(event, ++seq);
      let owner = people[0] ?? null;
      const members = new Map<string, ParticipantRole>();
      say(entry.sessionCreated(session(id), { owner, tenant: null }));
      for (const { what, who, role } of changes) {
        switch (what) {
          case 'add':
            members.set(who, role);
            say(entry.participant('participant.added', participant(id, { id: who, role })));
            break;
          case 'change':
            if (!members.has(who)) continue;
            members.set(who, role);
            say(entry.participant('participant.updated', participant(id, { id: who, role })));
            break;
          case 'remove':
            members.delete(who);
            say(entry.participantRemoved(id, who));
            break;
          case 'hand over':
            owner = who;
            say({
              type: 'session.updated',
              sessionId: id,
              data: session(id),
              at: start,
              record: { owner, tenant: null },
            });
            break;
          default:
            say(entry.activity(id, 'thinking'));
        }
        expect(accesses.known(id)).toEqual({ owner, tenant: null, members });
      }
    }),
  );
});
