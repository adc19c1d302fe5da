/** What becomes of causes until an event takes them. Goal: bounded, and cheap for text. Method: directly. */
import { describe, expect, it } from 'vitest';
import { SessionCauses } from '../../../actors/causes/session-causes.ts';
import { readCauses, storedCauses } from '../../../actors/causes/stored-causes.ts';
import { machinesVersion } from '../../../machines/machines-version.ts';
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { CommandId, SessionId, ToolCallId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { noon } from '../../arbitraries/instants.ts';
import { entry, newId, session } from '../../contract/sample-entries.ts';

const event: DomainEvent = { ...entry.sessionCreated(session(newId<SessionId>())), at: noon };

function cancel(commandId: CommandId) {
  return { type: 'turn.cancel' as const, commandId, at: noon };
}

describe('causes of a session', () => {
  it('[INS11] tell of text the length, pieces that follow each other as one', () => {
    const causes = new SessionCauses();
    for (let count = 0; count < 1000; count++) causes.piece('text', 3, noon + count);
    causes.piece('reasoning', 2, noon);
    causes.piece('text', 1, noon);
    expect(causes.take()).toEqual([
      { kind: 'text', units: 3000, at: noon + 999 },
      { kind: 'reasoning', units: 2, at: noon },
      { kind: 'text', units: 1, at: noon },
    ]);
    expect(causes.take()).toBeNull();
  });

  it('[INS11] forget a command that was refused, and keep what changed something without an event', () => {
    const causes = new SessionCauses();
    const [kept, refused] = [newId<CommandId>(), newId<CommandId>()];
    causes.heard(null, cancel(kept));
    causes.heard(null, cancel(refused));
    causes.refused(refused);
    causes.refused(newId());
    expect(causes.take()).toMatchObject([{ event: { commandId: kept } }]);
  });

  it('[INS11] are lost when they are too many or too long, which is said, and begin anew', () => {
    const causes = new SessionCauses();
    for (let count = 0; count <= limits.causesPendingMax; count++) causes.heard(null, cancel(newId()));
    const taken = causes.take() ?? [];
    expect(taken.length).toBeLessThanOrEqual(limits.causesPendingMax);
    const machines = machinesVersion();
    expect(readCauses(storedCauses(taken, [event]))).toEqual({ machines, causes: null });
    causes.heard(null, cancel(newId()));
    expect(readCauses(storedCauses(causes.take() ?? [], [event]))?.causes).toHaveLength(1);
    const call = {
      id: newId<ToolCallId>(),
      modelCallId: 'a',
      name: 'b',
      argumentsJson: 'x'.repeat(limits.causeUnitsMax),
    };
    causes.heard('turn', { type: 'engine.toolCall', at: noon, call });
    const long = storedCauses(causes.take() ?? [], [event]);
    expect(readCauses(long)).toEqual({ machines, causes: null });
    expect(readCauses('no JSON')).toBeNull();
  });
});
