/** What an attack is, and who attacks. */
import { type AttackWorld, type Credential, idOf } from './attack-world.ts';

/** Fails with an assertion when the attacker got what it must not get, or when a control shows that it tried nothing. */
export type Attack = { readonly title: string; readonly run: (world: AttackWorld) => Promise<void> };

/** Somebody who must not see the owner's sessions, whatever else it may. */
export type Attacker = {
  readonly name: string;
  readonly credential: (world: AttackWorld) => Promise<Credential>;
};

export const attackers: readonly Attacker[] = [
  { name: 'a stranger', credential: async () => 'stranger' },
  { name: 'somebody of another tenant', credential: async () => 'neighbour' },
  {
    name: 'a namesake of another tenant',
    credential: async () => ({ as: 'neighbour', actAs: idOf('owner') }),
  },
  {
    name: 'a token for another session',
    credential: ({ token, dull }) => token('owner', { sessions: [dull] }),
  },
  {
    name: 'a stranger with a token for the session',
    credential: ({ token, ids, open }) => token('stranger', { sessions: [ids.session, open.session] }),
  },
  {
    name: 'an operator with a token for another session',
    credential: ({ token, dull }) =>
      token('operator', { sessions: [dull], scopes: ['chat', 'sessions:all'] }),
  },
];
