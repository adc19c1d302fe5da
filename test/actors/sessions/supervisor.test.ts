/** The supervisor's policy on crashes, alone. */
import { describe, expect, it } from 'vitest';
import { Supervisor } from '../../../actors/sessions/supervisor.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { countingIds, tickingClock } from '../../fakes/actor-world.ts';

const ids = countingIds(0x5afe);
const silentLog = { trace: () => {}, debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe('the supervisor', () => {
  it('[REC5] restarts a session, until it fails too often; others are not counted, and time forgives', () => {
    let now = 0;
    const supervisor = new Supervisor({ clock: { ...tickingClock(), now: () => now }, log: silentLog });
    const [bad, good] = [ids.next<SessionId>(), ids.next<SessionId>()];
    for (let crash = 0; crash < limits.restartsMax; crash++) {
      expect(supervisor.decide(bad, new Error('bug'))).toBe('restart');
      now += 10;
    }
    expect(supervisor.decide(bad, new Error('bug'))).toBe('leave');
    expect(supervisor.decide(good, new Error('bug'))).toBe('restart');
    now += limits.restartWindowMs;
    expect(supervisor.decide(bad, new Error('bug'))).toBe('restart');
  });
});
