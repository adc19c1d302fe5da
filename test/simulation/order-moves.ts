/** The steps that give commands, over sockets and over REST, and what follows from a request. */
import { toolCallIdSchema } from '../../schema/ids.ts';
import type { Principal } from '../../schema/principal.ts';
import { type Refusal, refusal } from '../../schema/refusal.ts';
import { flow } from './flow-moves.ts';
import { begunFirst, idUsedElsewhere, newestPrompt, targetOf } from './order-targets.ts';
import {
  actionOf,
  addsMessage,
  frameOf,
  give,
  isGlobal,
  isMessageOrder,
  isTraceOrder,
  keyOf,
  markOf,
  type Order,
  type OrderKind,
} from './orders.ts';
import { principals } from './principals.ts';
import type { Reader } from './reader.ts';
import type { StepOf } from './scenario.ts';
import { chosen } from './step-kinds.ts';
import type { World } from './world.ts';

export async function order(world: World, given: StepOf<'order'>): Promise<void> {
  const wanted: OrderKind = world.sessions.length === 0 ? 'create' : given.kind;
  const session = isGlobal(wanted) ? null : (chosen(world.sessions, given.session) ?? null);
  const kind = session === null ? wanted : begunFirst(world, session, wanted);
  const speakers = world.readers.filter((one) => canSay(one, kind));
  const reader = given.socket === null ? undefined : chosen(speakers, given.socket);
  if (world.serving === undefined) return;
  // What is appended to a trace whose session was deleted belongs to no session ([TRC15]), so that whoever sees all
  // sessions without a tenant hears it, whosever it was: I13 does not hold there.
  if (world.guarded && isTraceOrder(kind)) return flow(world);
  const messageId = isMessageOrder(kind) ? targetOf(world, session, given.target) : undefined;
  if (isMessageOrder(kind) && messageId === undefined) return flow(world);
  const placed = world.order(kind, {
    session,
    by: reader === undefined ? somebody(world, given) : principalOf(world, reader),
    // Over a socket only messages have names.
    named: given.named && (addsMessage(kind) || reader === undefined),
    usedId: addsMessage(kind) && given.named ? idUsedElsewhere(world, session) : undefined,
    promptId: kind === 'cancel' && given.named ? newestPrompt(world, session) : undefined,
    messageId,
  });
  if (reader === undefined) await rest(world, placed);
  else await say(world, reader, placed);
}

/**
 * Whether the reader's socket accepts this kind of command: messages, on one path for baseline; `callboard.v1`
 * accepts more.
 */
function canSay(reader: Reader, kind: OrderKind): boolean {
  if (!reader.connected) return false;
  if (reader.kind !== 'baseline') {
    return addsMessage(kind) || isMessageOrder(kind) || ['cancel', 'approve', 'deny'].includes(kind);
  }
  return (kind === 'ask' || kind === 'note') && reader.selection.namespaces[0] === 'chat-sessions';
}

export async function decide(world: World, given: StepOf<'decide'>): Promise<void> {
  const { tables } = world.storage;
  const calls = world.sessions.flatMap((id) => tables.sessionToolCalls(id));
  const waiting = calls.filter(({ status }) => status === 'awaitingApproval');
  const known = chosen(given.call === 'any' ? calls : waiting, given.pick);
  const session = given.call === 'unknown' ? chosen(world.sessions, given.pick) : known?.sessionId;
  if (session === undefined || world.serving === undefined) return flow(world);
  const kind = given.approve ? 'approve' : 'deny';
  const reader =
    given.socket === null
      ? undefined
      : chosen(
          world.readers.filter((one) => canSay(one, kind)),
          given.socket,
        );
  const callId = given.call === 'unknown' || known === undefined ? noCall : known.id;
  const by = reader === undefined ? undefined : principalOf(world, reader);
  const placed = world.order(kind, { session, callId, by, named: given.named && reader === undefined });
  if (reader === undefined) await rest(world, placed);
  else await say(world, reader, placed);
}

const noCall = toolCallIdSchema.parse('00000000-0000-4000-a000-000000000000');

async function say(world: World, reader: Reader, placed: Order): Promise<void> {
  world.narrate(() => `${reader.name} sends ${told(placed)}`);
  placed.via = reader.socket;
  // Nobody waits for the answer of a cancellation or a decision: it can be sent again.
  if (!addsMessage(placed.kind)) placed.state = 'lost';
  await world.step(() => reader.say(frameOf(placed)));
}

export async function rest(world: World, placed: Order): Promise<void> {
  world.narrate(() => `a client asks: ${told(placed)}`);
  await world.step(() => request(world, placed));
}

/** Sends over REST. If the process dies meanwhile, the answer never comes. */
function request(world: World, placed: Order): void {
  const process = world.serving;
  if (process?.door === undefined) return;
  const { door } = process;
  const { session, by, kind } = placed;
  const goOn = (reason: Refusal | null): void => {
    if (process !== world.process) return;
    if (reason !== null) {
      world.denied(placed, reason);
      return;
    }
    world.taken(placed, undefined);
    void give(door, placed).then((outcome) => {
      if (process === world.process) world.answered(placed, outcome);
    });
  };
  const judged =
    session === null || by === undefined
      ? null
      : process.authorize(by, actionOf(kind), { kind: 'session', id: session });
  if (judged instanceof Promise)
    judged.then(goOn, () => goOn(refusal('unavailable', 'Storage is not available')));
  else goOn(judged);
}

function principalOf({ guarded }: World, { principal }: Reader): Principal | undefined {
  return guarded ? principal : undefined;
}

/**
 * Three in eight commands over REST are given by anybody; not a named one, which whoever gave it repeats until it is
 * answered.
 */
function somebody(world: World, { named, session, target }: StepOf<'order'>): Principal | undefined {
  if (!world.guarded || named || target < 5) return undefined;
  return chosen(principals, session + target);
}

function told(placed: Order): string {
  const name = placed.named ? `, named "${keyOf(placed)}"` : '';
  return `"${markOf(placed)}"${placed.session === null ? '' : ` in session ${placed.session.slice(-3)}`}${name}`;
}

export async function repeat(world: World, placed: Order | undefined): Promise<void> {
  if (placed === undefined || world.serving === undefined) return;
  if (placed.state === 'lost') placed.state = 'waiting';
  world.tally.count('orders repeated');
  world.narrate(() => `a client repeats ${told(placed)}`);
  await world.step(() => request(world, placed));
}

/** Many at once: those above the bound are refused. */
export async function burst(world: World, pick: number, count: number): Promise<void> {
  const session = chosen(world.sessions, pick);
  if (session === undefined || world.serving === undefined) return;
  world.narrate(() => `a client asks ${count} things at once`);
  await world.step(() => {
    for (let left = count; left > 0; left--) {
      request(world, world.order('ask', { session, named: false }));
    }
  });
}
