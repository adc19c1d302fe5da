/**
 * A session as it was at one step of its journal, in a sandbox: a person sends its actors further events and sees what
 * they do. There is no engine, no tool and no store here; timers wait until the person lets one run out.
 */
import './without-eval.ts';
import type { ReplaySandbox, SandboxEvent, Told } from '../../../../actors/replay/replay-sandbox.ts';
import { SessionReplay } from '../../../../actors/replay/session-replay.ts';
import type { ActorView } from '../../../../schema/actor-view.ts';
import { sessionIdSchema } from '../../../../schema/ids.ts';
import { valueText } from '../../../../schema/preview.ts';
import type { InspectedJournalEvent } from '../../../../schema/session-journal.ts';
import { causedEvents } from '../time/caused-events.ts';
import { pagePauses } from '../time/page-pauses.ts';
import { type Moved, outcomeOf } from './outcome.ts';

/** An event for one actor. */
export type Sent = { readonly to: string; readonly event: SandboxEvent };

export type Move =
  | { readonly label: string; readonly sends: readonly Sent[] }
  | { readonly label: string; readonly timer: number; readonly delayMs: number };

/** The actors after a number of moves. */
export type Moment = {
  readonly actors: readonly ActorView[];
  readonly timers: ReplaySandbox['timers'];
  /** The actors before the last move. */
  readonly before: readonly ActorView[];
  /** The moves that led here. */
  readonly moved: readonly Moved[];
  /** Time in the sandbox, ms since the epoch. */
  readonly now: number;
  /** Why the machines failed; `null`: they did not. */
  readonly failure: string | null;
  /** Of the answer that is being given, UTF-16 units; 0: there is none. */
  readonly answerUnits: number;
};

export class SandboxedSession {
  readonly #origin: Origin;
  readonly #sandbox: ReplaySandbox;
  readonly #moves: readonly Move[];
  readonly #moved: readonly Moved[];
  readonly #before: readonly ActorView[];

  private constructor(
    origin: Origin,
    sandbox: ReplaySandbox,
    moves: readonly Move[],
    moved: readonly Moved[],
    before: readonly ActorView[],
  ) {
    this.#origin = origin;
    this.#sandbox = sandbox;
    this.#moves = moves;
    this.#moved = moved;
    this.#before = before;
  }

  /** `null`: what led to that step was not kept, so its actors are not known. */
  static async at(origin: Origin, moves: readonly Move[] = []): Promise<SandboxedSession | null> {
    const sandbox = await replayed(origin);
    if (sandbox === null) return null;
    let session = new SandboxedSession(origin, sandbox, [], [], []);
    for (const move of moves) session = session.after(move);
    return session;
  }

  get moment(): Moment {
    const sandbox = this.#sandbox;
    return {
      actors: viewsOf(sandbox),
      before: this.#before,
      timers: sandbox.timers,
      moved: this.#moved,
      now: sandbox.now,
      failure: sandbox.failure === null ? null : String(sandbox.failure),
      answerUnits: unitsIn(sandbox.answer),
    };
  }

  /** Makes the move. This object must not be used any more: the actors are the same ones. */
  after(move: Move): SandboxedSession {
    const sandbox = this.#sandbox;
    const before = new Set(sandbox.timers.map(({ timer }) => timer));
    const actors = viewsOf(sandbox);
    sandbox.begin();
    const told: Told[] = [];
    if ('timer' in move) {
      const fired = sandbox.runOut(move.timer, sandbox.now + move.delayMs);
      if (fired !== null) told.push(fired);
    } else {
      for (const { to, event } of move.sends) {
        const sent = sandbox.tell(to, event);
        if (sent !== null) told.push(sent);
      }
    }
    const moved = outcomeOf(move.label, told, sandbox, before);
    return new SandboxedSession(
      this.#origin,
      sandbox,
      [...this.#moves, move],
      [...this.#moved, moved],
      actors,
    );
  }

  /** The session without its last move: machines do not run backwards, so everything before it is run again. */
  async undone(): Promise<SandboxedSession | null> {
    return await SandboxedSession.at(this.#origin, this.#moves.slice(0, -1));
  }
}

function viewsOf(sandbox: ReplaySandbox): readonly ActorView[] {
  return sandbox.views().map(({ view, context }) => ({ ...view, context: valueText(context) }));
}

export type Origin = {
  readonly sessionId: string;
  /** The whole journal. */
  readonly events: readonly InspectedJournalEvent[];
  /** The step from which it goes on. */
  readonly seq: number;
};

async function replayed({ sessionId, events, seq }: Origin): Promise<ReplaySandbox | null> {
  const replay = new SessionReplay(sessionIdSchema.parse(sessionId), causedEvents(events));
  const steps = replay.steps();
  const pause = pagePauses();
  // The generator is left before its end, where it would stop the actors.
  for (let left = events.findLastIndex((event) => event.seq <= seq); left >= 0; left--) {
    steps.next();
    await pause();
  }
  return replay.sandbox;
}

function unitsIn(answer: unknown): number {
  if (typeof answer !== 'object' || answer === null) return 0;
  const text: unknown = Reflect.get(answer, 'text');
  const units: unknown = typeof text === 'object' && text !== null ? Reflect.get(text, 'units') : 0;
  return typeof units === 'number' ? units : 0;
}
