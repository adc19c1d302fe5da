/** Charts: the definition of a machine for inspectors, read from the machine itself (SPEC INS). */
import { z } from 'zod';
import { transitionIdSchema } from './actor-view.ts';

export const chartTransitionSchema = z
  .object({
    /** Unique in its chart; `ActorView.transitions` uses it. */
    id: transitionIdSchema,
    /** Path of the source state; empty for the root. */
    source: z.string(),
    /** Event descriptor: `engine.finished`, `xstate.done.actor.turn.*`; empty for `always`. */
    event: z.string(),
    trigger: z.enum(['event', 'always', 'after', 'done', 'error']),
    /** With `after`: ms, or the name of the delay. */
    delay: z.union([z.number(), z.string()]).nullable(),
    /** Paths of the states that it enters; empty: it only runs actions. */
    targets: z.array(z.string()),
    /** Name of its guard; transitions with one source and event are tried in order. */
    guard: z.string().nullable(),
    /** Names of its actions, in order. */
    actions: z.array(z.string()),
    /** Whether it leaves and enters its source state again. */
    reenter: z.boolean(),
  })
  .meta({ id: 'ChartTransition' });
export type ChartTransition = z.infer<typeof chartTransitionSchema>;

export const chartStateSchema = z
  .object({
    /** `open.activity.idle`; empty for the root. */
    path: z.string(),
    /** Last part of the path; for the root the id of the chart. */
    key: z.string(),
    /** Path of the parent state; `null` for the root. */
    parent: z.string().nullable(),
    type: z.enum(['atomic', 'compound', 'parallel', 'final', 'history']),
    /** Path of the initial state. */
    initial: z.string().nullable(),
    description: z.string().nullable(),
    tags: z.array(z.string()),
    /** Names of actions, in order. */
    entry: z.array(z.string()),
    exit: z.array(z.string()),
    /** Actors that run while the state is active. */
    invokes: z.array(z.object({ id: z.string(), src: z.string() })),
  })
  .meta({ id: 'ChartState' });
export type ChartState = z.infer<typeof chartStateSchema>;

/**
 * - `machine`: an XState machine.
 * - `fold`: a transition function; its states and transitions were found by trying every event in every state.
 * - `store`: a store; one state.
 */
export const machineChartSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['machine', 'fold', 'store']),
    /** The root first, parents before children, children in order. */
    states: z.array(chartStateSchema),
    transitions: z.array(chartTransitionSchema),
  })
  .meta({ id: 'MachineChart' });
export type MachineChart = z.infer<typeof machineChartSchema>;

/** Answer of `GET /inspect/machines`. */
export const machineChartsSchema = z
  .object({ machines: z.array(machineChartSchema) })
  .meta({ id: 'MachineCharts' });
export type MachineCharts = z.infer<typeof machineChartsSchema>;
