/**
 * What if. Goal: from any step of any session a person may let anything happen, and only the sandbox changes. Method:
 * sessions lived by generated plans; from a generated step, generated moves are made and taken back.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CausedEvent } from '../../../actors/ports.ts';
import { formFields, readFields } from '../../../src/web/inspect/what-if/fields.ts';
import { offersTo } from '../../../src/web/inspect/what-if/offers.ts';
import { SandboxedSession } from '../../../src/web/inspect/what-if/sandboxed-session.ts';
import { noon } from '../../arbitraries/instants.ts';
import { livePlan } from '../../arbitraries/live-steps.ts';
import { theSession } from '../../arbitraries/session-commands.ts';
import { cases } from '../../effort.ts';
import { runLive } from '../../machines/live-session.ts';

const create = {
  kind: 'command',
  command: { type: 'session.create', title: 'A title', description: undefined, at: noon, named: false },
} as const;

function asSent(journal: readonly CausedEvent[]) {
  return journal.map(({ event, ...rest }) => ({ ...rest, event: { ...event } }));
}

/** Makes the offer or lets the timer run out that `choice` stands for; `null`: nothing can happen. */
function moved(session: SandboxedSession, choice: number, text: string): SandboxedSession | null {
  const { actors, timers, now, answerUnits, failure } = session.moment;
  const offers = actors.flatMap((view) => offersTo(view));
  const place = choice % (offers.length + timers.length || 1);
  const timer = timers[place - offers.length];
  if (timer !== undefined)
    return session.after({ label: 'time', timer: timer.timer, delayMs: timer.delayMs });
  const offer = offers[place];
  if (offer === undefined || failure !== null) return null;
  const given = formFields(offer.schema).flatMap(({ name, kind, label }) =>
    kind === 'text' || kind === 'line' ? [[name, label.includes('JSON') ? '{"type":"odd"}' : text]] : [],
  );
  const read = readFields(offer.schema, Object.fromEntries(given));
  if (!read.ok) return null;
  const sends = offer.events(read.value, { actors, at: now + 1, answerUnits });
  return session.after({ label: offer.label, sends });
}

describe('what if', () => {
  it('[VIS8] lets anything happen from any step, and takes it back, without touching the recording', async () => {
    const seen = { moves: 0, changed: 0 };
    await fc.assert(
      fc.asyncProperty(
        livePlan,
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.string({ minLength: 1, unit: 'binary' })), {
          minLength: 1,
          maxLength: 5,
        }),
        async (plan, which, choices) => {
          const { journal } = runLive({ ...plan, tools: [], steps: [create, ...plan.steps] });
          const before = JSON.stringify(journal);
          const seq = journal[which % journal.length]?.seq ?? 1;
          const origin = { sessionId: theSession, events: asSent(journal), seq };
          let session = await SandboxedSession.at(origin);
          if (session === null) return;
          for (const [choice, text] of choices) {
            const earlier = session.moment;
            const next = moved(session, choice, text);
            if (next === null) continue;
            seen.moves++;
            if (JSON.stringify(next.moment.actors) !== JSON.stringify(earlier.actors)) seen.changed++;
            session = await next.undone();
            expect(session?.moment.actors).toEqual(earlier.actors);
            expect(session?.moment.timers).toEqual(earlier.timers);
            expect(session?.moment.moved).toEqual(earlier.moved);
            if (session === null) return;
            session = moved(session, choice, text) ?? session;
          }
          expect(JSON.stringify(journal)).toBe(before);
        },
      ),
      { numRuns: cases({ quick: 25, full: 200 }) },
    );
    expect(seen.changed).toBeGreaterThan(seen.moves / 4);
  }, 120_000);

  it('[VIS8] says in words what is wrong with what was typed', async () => {
    const { journal } = runLive({ tools: [], steps: [create] });
    const seq = journal.at(-1)?.seq ?? 1;
    const session = await SandboxedSession.at({ sessionId: theSession, events: asSent(journal), seq });
    const root = session?.moment.actors[0];
    if (root === undefined) throw new Error('no session');
    const schemaOf = (id: string) => offersTo(root).find((offer) => offer.id === id)?.schema;
    const [any, message] = [schemaOf('any'), schemaOf('message.add')];
    if (any === undefined || message === undefined) throw new Error('no offer');
    const faultsOf = (json: string) => {
      const read = readFields(any, { json });
      return read.ok ? [] : read.faults;
    };
    expect(faultsOf('{')).toEqual([expect.stringMatching(/^Event, as JSON: This is not JSON: /)]);
    expect(faultsOf('[1]')).toEqual([
      'Event, as JSON: An event is a JSON object, such as {"type": "turn.cancel"}.',
    ]);
    expect(faultsOf('{"a":1}')).toEqual(['Event, as JSON: The event needs a "type", which is a text.']);
    expect(faultsOf('{"type":""}')).toEqual(['Event, as JSON: The "type" is empty.']);
    expect(faultsOf('{"type":"turn.cancel"}')).toEqual([]);
    expect(readFields(message, {})).toEqual({
      ok: false,
      faults: ['Message: Write what the person says.'],
    });
  });
});
