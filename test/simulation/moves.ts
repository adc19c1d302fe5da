/** What each kind of step does to a world, and its description. */
import { toolCallIdSchema } from '../../schema/ids.ts';
import { accepted, refusal, refused } from '../../schema/refusal.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { agentMove } from './agent-moves.ts';
import { begunFirst, idUsedElsewhere, newestPrompt, targetOf } from './order-targets.ts';
import {
  addsMessage,
  frameOf,
  give,
  isGlobal,
  isMessageOrder,
  keyOf,
  markOf,
  type Order,
  type OrderKind,
} from './orders.ts';
import type { Reader } from './reader.ts';
import { join, network, subscribe, unsubscribe } from './reader-moves.ts';
import { chosen, payloadOf, type Step, type StepOf } from './scenario.ts';
import type { ModelAnswer } from './simulated-model.ts';
import type { AppendFate } from './simulated-storage.ts';
import type { ToolServerState } from './simulated-tools.ts';
import type { World } from './world.ts';

/** How many rounds of due work one step of a scenario makes at most. */
const flowRoundsMax = 12;

export async function perform(world: World, one: Step): Promise<void> {
  switch (one.do) {
    case 'flow':
      return flow(world);
    case 'tick':
      return tick(world);
    case 'commit':
      return append(world, 'commit');
    case 'failAppend':
      return append(world, 'fail');
    case 'loseAnswer':
      return append(world, 'commitUntold');
    case 'rejectAppend':
      return append(world, 'reject');
    case 'wait':
      return wait(world, one.ms);
    case 'model':
      return model(world, one);
    case 'tool':
      return tool(world, one);
    case 'toolServer':
      return toolServer(world, one.state);
    case 'order':
      return order(world, one);
    case 'decide':
      return decide(world, one);
    case 'burst':
      return burst(world, one.session, one.count);
    case 'agentBegins':
    case 'agent':
      return agentMove(world, one);
    case 'repeat':
      return repeat(
        world,
        chosen(
          world.orders.filter((placed) => placed.named),
          one.pick,
        ),
      );
    case 'join':
      return join(world, one);
    case 'subscribe':
      return subscribe(world, one);
    case 'unsubscribe':
      return unsubscribe(world, one.pick);
    case 'stall':
    case 'unstall':
    case 'cut':
    case 'reconnect':
    case 'read':
      return network(world, one);
    case 'holdReads':
    case 'answerRead':
    case 'releaseReads':
    case 'storageDown':
    case 'storageUp':
    case 'forget':
      return storage(world, one.do);
    case 'stepClockBack':
    case 'stubbornModel':
    case 'loseAnswers':
      return oddity(world, one.do);
    case 'crash':
    case 'stop':
    case 'start':
      return processStep(world, one);
    default:
      return unreachable(one);
  }
}

/** Does everything that is due, without time passing or output from models and tools. */
export async function flow(world: World): Promise<void> {
  for (let round = 0; round < flowRoundsMax; round++) {
    if (world.process?.clock.idle !== false && world.storage.appending === undefined && round > 1) return;
    await append(world, 'commit');
    await tick(world);
  }
}

export async function tick(world: World): Promise<void> {
  if (world.process === undefined) return;
  await world.step(() => {
    if (world.process?.tick()) world.narrate(() => 'the event loop turns');
  });
}

/** When no append waits, the fate is kept for the next one. */
export async function append(world: World, given: AppendFate): Promise<void> {
  const { storage } = world;
  const batch = storage.appending;
  if (batch === undefined) {
    if (given !== 'commit' && storage.foreseen.length < foreseenMax) storage.foreseen.push(given);
    return;
  }
  const fate = given === 'commit' ? (storage.foreseen.shift() ?? given) : given;
  if (fate === 'fail') world.tally.count('appends that failed');
  if (fate === 'commitUntold') world.tally.count('appends that were answered to nobody');
  world.narrate(() => `the journal ${toldFates[fate]}: ${listed(batch.map(({ type }) => type))}`);
  await world.step(() => world.storage.decide(fate));
}

const foreseenMax = 2;

const toldFates: Readonly<Record<AppendFate, string>> = {
  commit: 'commits',
  fail: 'fails, for now, to write',
  commitUntold: 'commits without anybody being told',
  reject: 'rejects for good',
};

/** Lets time pass, timer by timer; the event loop turns after each. */
export async function wait(world: World, ms: number): Promise<void> {
  const { process } = world;
  if (process === undefined) return;
  const end = process.clock.elapsed + ms;
  world.narrate(() => `${ms} ms go by`);
  for (let fired = true; fired && process === world.process; ) {
    await world.step(() => {
      fired = process.clock.fireNext(end);
      process.tick();
    });
  }
}

async function model(world: World, { pick, part }: StepOf<'model'>): Promise<void> {
  const call = chosen(world.process?.model.waiting ?? [], pick);
  if (call === undefined) return flow(world);
  const mark = `${call.request.prompt.content} ${call.request.step} ${call.asked}`;
  const answer = modelAnswer(part, mark);
  world.narrate(() => `the model, asked "${call.request.prompt.content}": ${short(answer)}`);
  await world.step(() => world.process?.model.answer(call, answer));
}

function modelAnswer(part: StepOf<'model'>['part'], mark: string): ModelAnswer {
  switch (part.say) {
    case 'text':
    case 'reasoning':
      return { type: part.say, text: part.text };
    case 'tool':
      return {
        type: 'tool-call',
        modelCallId: 'the only id that this model knows',
        name: part.tool,
        argumentsJson: argumentsOf(payloadOf(part.payload, `<${mark}>`)),
      };
    case 'finish':
      return {
        type: 'finish',
        usage: { inputTokens: part.tokens },
        ...(part.reason === undefined ? {} : { reason: part.reason }),
      };
    case 'odd':
      return { type: 'odd', odd: part.odd };
    case 'busy': {
      const { code, retryAfterMs } = part;
      const error = { type: 'error', message: 'the provider cannot now', code } as const;
      return retryAfterMs === undefined ? error : { ...error, retryAfterMs };
    }
    case 'error':
      return { type: 'error', message: 'the model cannot' };
    case 'throw':
    case 'end':
      return { type: part.say };
    default:
      return unreachable(part);
  }
}

/** A model's arguments may not be JSON: such text is refused before the tool runs. */
function argumentsOf(value: unknown): string {
  return typeof value === 'string' && !value.startsWith('<') ? value : JSON.stringify({ value });
}

async function tool(world: World, { pick, how, payload }: StepOf<'tool'>): Promise<void> {
  const { process } = world;
  const run = chosen(process?.tools.waiting ?? [], pick);
  if (process === undefined || run === undefined) return flow(world);
  world.narrate(() => `the tool ${run.name}: ${how}, ${payload}`);
  await world.step(() => {
    if (how === 'answer') process.tools.finish(run, accepted(payloadOf(payload, '<result>')));
    else if (how === 'refuse') process.tools.finish(run, refused(refusal('bad_request', 'the tool says no')));
    else process.tools.finish(run, new Error('the tool broke'));
  });
}

async function toolServer(world: World, state: ToolServerState): Promise<void> {
  const { process } = world;
  if (process === undefined) return flow(world);
  world.narrate(() => `the tool server is ${state}`);
  world.tally.count(`tool server ${state}`);
  await world.step(() => {
    process.tools.server = state;
  });
}

async function order(world: World, given: StepOf<'order'>): Promise<void> {
  const wanted: OrderKind = world.sessions.length === 0 ? 'create' : given.kind;
  const session = isGlobal(wanted) ? null : (chosen(world.sessions, given.session) ?? null);
  const kind = session === null ? wanted : begunFirst(world, session, wanted);
  const speakers = world.readers.filter((one) => canSay(one, kind));
  const reader = given.socket === null ? undefined : chosen(speakers, given.socket);
  if (world.serving === undefined) return;
  const messageId = isMessageOrder(kind) ? targetOf(world, session, given.target) : undefined;
  if (isMessageOrder(kind) && messageId === undefined) return flow(world);
  const placed = world.order(kind, {
    session,
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

async function decide(world: World, given: StepOf<'decide'>): Promise<void> {
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
  const placed = world.order(kind, { session, callId, named: given.named && reader === undefined });
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
  world.taken(placed, undefined);
  void give(process.door, placed).then((outcome) => {
    if (process === world.process) world.answered(placed, outcome);
  });
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
async function burst(world: World, pick: number, count: number): Promise<void> {
  const session = chosen(world.sessions, pick);
  if (session === undefined || world.serving === undefined) return;
  world.narrate(() => `a client asks ${count} things at once`);
  await world.step(() => {
    for (let left = count; left > 0; left--) {
      request(world, world.order('ask', { session, named: false }));
    }
  });
}

async function storage(
  world: World,
  what: 'holdReads' | 'answerRead' | 'releaseReads' | 'storageDown' | 'storageUp' | 'forget',
): Promise<void> {
  const store = world.storage;
  const isIdle =
    (what === 'holdReads' && store.holdsReads) ||
    (what === 'answerRead' && store.readsHeld === 0) ||
    (what === 'releaseReads' && !store.holdsReads) ||
    (what === 'storageDown' && store.down) ||
    (what === 'storageUp' && !store.down);
  if (isIdle) return;
  if (what === 'storageDown') world.tally.count('storage outages');
  world.narrate(() => `storage: ${what}`);
  await world.step(() => {
    if (what === 'holdReads') store.holdsReads = true;
    else if (what === 'answerRead') store.answerRead();
    else if (what === 'releaseReads') store.releaseReads();
    else if (what === 'forget') return store.forgetAll();
    else store.down = what === 'storageDown';
    return undefined;
  });
}

async function oddity(world: World, what: 'stepClockBack' | 'stubbornModel' | 'loseAnswers'): Promise<void> {
  const { process } = world;
  if (process === undefined) return;
  world.narrate(() => `an oddity: ${what}`);
  await world.step(() => {
    if (what === 'stepClockBack') process.clock.step(-3000);
    else if (what === 'stubbornModel')
      process.model.manners = process.model.manners === 'ends' ? 'throws' : 'ignores';
    else for (const placed of world.orders) if (placed.state === 'waiting') placed.state = 'lost';
  });
}

async function processStep(world: World, one: StepOf<'crash' | 'stop' | 'start'>): Promise<void> {
  const { process } = world;
  switch (one.do) {
    case 'crash':
      if (process === undefined) return;
      world.tally.count('crashes');
      world.narrate(() => `the process is killed${one.commitsFirst ? ', just after a commit' : ''}`);
      return world.step(() => world.crash(one.commitsFirst));
    case 'stop':
      if (world.serving === undefined) return;
      world.tally.count('stops');
      world.narrate(() => `the process is told to stop, within ${one.graceMs} ms`);
      return world.step(() => void process?.stop(one.graceMs));
    case 'start':
      if (process !== undefined && process.phase !== 'ended') return;
      world.narrate(() => 'a process starts');
      return world.step(() => world.start());
    default:
      return unreachable(one);
  }
}

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= 90 ? text : `${text.slice(0, 90)}…`;
}

function listed(names: readonly string[]): string {
  return names.length <= 8
    ? names.join(', ')
    : `${names.slice(0, 6).join(', ')} and ${names.length - 6} more`;
}
