/** Gateways that let principals see what they may not, for mutants. */
import type { ParticipantId, ParticipantRole } from '../../../schema/participant.ts';
import { refusal } from '../../../schema/refusal.ts';
import { SessionAccesses } from '../../../src/gateway/access/session-accesses.ts';
import type { Mutant } from './mutant.ts';

/** Everybody takes part. */
class Everybody extends Map<ParticipantId, ParticipantRole> {
  override get(): ParticipantRole {
    return 'observer';
  }
}

export const openResume: Mutant = {
  name: 'a gateway that lets whoever catches up see the sessions of others',
  breaks: 'I13',
  parts: () => {
    let isCatchingUp = false;
    return {
      sink: (sink) => ({
        ...sink,
        batch: (run) => {
          isCatchingUp = true;
          sink.batch(run);
          isCatchingUp = false;
        },
      }),
      accesses: (read) => {
        const accesses = new SessionAccesses(read);
        const known = accesses.known.bind(accesses);
        return Object.assign(accesses, {
          known: (...asked: Parameters<typeof known>) => {
            const access = known(...asked);
            return access && isCatchingUp ? { ...access, members: new Everybody() } : access;
          },
        });
      },
    };
  },
};

export const lingeringMember: Mutant = {
  name: 'a gateway that lets whoever is removed stay on its topics',
  breaks: 'I13',
  parts: () => ({
    accesses: (read) => {
      const accesses = new SessionAccesses(read);
      const told = accesses.told.bind(accesses);
      return Object.assign(accesses, {
        told: (...[event]: Parameters<typeof told>) => {
          if (event.type !== 'participant.removed') told(event);
        },
      });
    },
  }),
};

export const openDoor: Mutant = {
  name: 'a gateway that lets everybody subscribe to any session',
  breaks: 'I13',
  parts: () => ({
    authorize:
      (authorize) =>
      (principal, action, ...rest) =>
        action === 'see' ? null : authorize(principal, action, ...rest),
  }),
};

export const tellingRefusal: Mutant = {
  name: 'a gateway that says of a session of others that it is there',
  breaks: 'I13',
  parts: () => ({
    authorize:
      (authorize) =>
      async (...asked) => {
        const reason = await authorize(...asked);
        return reason?.code === 'not_found' ? refusal('forbidden', 'This session is not yours') : reason;
      },
  }),
};
