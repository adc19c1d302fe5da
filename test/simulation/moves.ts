/** What each kind of step does to a world, and its description. */
import { accepted, refusal, refused } from '../../schema/refusal.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { agentMove } from './agent-moves.ts';
import { append, flow, tick, wait } from './flow-moves.ts';
import { burst, decide, order, repeat } from './order-moves.ts';
import { payloadOf } from './payloads.ts';
import { join, network, subscribe, unsubscribe } from './reader-moves.ts';
import type { Step, StepOf } from './scenario.ts';
import type { ModelAnswer } from './simulated-model.ts';
import type { ToolServerState } from './simulated-tools.ts';
import { chosen } from './step-kinds.ts';
import type { World } from './world.ts';

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
