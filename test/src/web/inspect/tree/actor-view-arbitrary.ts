/** Any forest of actor views that a server could send. */
import fc from 'fast-check';
import { type ActorView, actorKinds, actorViewSchema } from '../../../../../schema/actor-view.ts';

const uuid = (index: number): string => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;

const node = fc.record({
  parent: fc.option(fc.nat(), { freq: 3 }),
  kind: fc.constantFrom(...actorKinds),
  status: fc.constantFrom('active', 'active', 'active', 'done', 'error', 'stopped'),
  states: fc.subarray([
    'open',
    'open.activity',
    'open.activity.responding',
    'modelCall',
    'failed',
    'running',
  ]),
  since: fc.option(fc.integer({ min: 0, max: 1000 })),
});

/** Parents before children, ids all different. */
export const actorViews: fc.Arbitrary<readonly ActorView[]> = fc
  .array(node, { maxLength: 30 })
  .map((nodes) => {
    const views: ActorView[] = [];
    for (const [index, { parent, ...rest }] of nodes.entries()) {
      const above = parent === null || index === 0 ? undefined : views[parent % index];
      const name = `actor.${uuid(index)}`;
      views.push(
        actorViewSchema.parse({
          ...rest,
          id: above === undefined || above.id.length > 200 ? name : `${above.id}/${name}`,
          parentId: above === undefined || above.id.length > 200 ? null : above.id,
          chartId: null,
          sessionId: null,
          entityId: null,
          label: `label ${index}`,
          value: null,
          tags: [],
          sinceExact: true,
          lastEvent: null,
          transitions: [],
          counts: {},
        }),
      );
    }
    return views;
  });
