/** Steps of agents outside the process. */
import type { StepOf } from './scenario.ts';
import { chosen } from './step-kinds.ts';
import type { World } from './world.ts';

export async function agentMove(world: World, one: StepOf<'agentBegins' | 'agent'>): Promise<void> {
  if (world.serving === undefined) return;
  if (one.do === 'agentBegins') {
    const session = chosen(world.sessions, one.session);
    if (session === undefined) return;
    world.narrate(() => `an agent begins in session ${session.slice(-3)}`);
    return world.step(() => world.agents.start(session));
  }
  const acting = chosen(world.agents.running, one.pick);
  if (acting === undefined) return;
  world.narrate(() => `${acting.turn.agent}: ${one.deed}`);
  await world.step(() => world.agents.act(acting, one.deed, one.text));
}
