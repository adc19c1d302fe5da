/** Routes that the baseline's web page needs besides those for the chat (docs/protocol.md A6). */
import { z } from 'zod';
import type { AcceptedKind } from '../../../schema/attachment.ts';
import {
  executionState,
  executionStateSchema,
  orchestratorMetadataSchema,
} from '../../../schema/execution-tree.ts';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { layoutSchema, shownLayout, shownLayoutSchema } from '../../../schema/preferences.ts';
import type { Principal } from '../../../schema/principal.ts';
import { type ProviderCatalogBody, providerCatalogSchema } from '../../../schema/provider-catalog.ts';
import { accepted, refusal, refused, sessionNotFound } from '../../../schema/refusal.ts';
import { type GatewayServices, type Route, route, takesNothing } from '../http/route.ts';
import { described } from './described-command.ts';

function catalog({ providers }: GatewayServices, to: Principal): ProviderCatalogBody {
  return providers.list(to).map(({ name, label, adapter, models, accepts, available, problem }) => {
    const labels = models.flatMap((model) => (model.label === undefined ? [] : [[model.id, model.label]]));
    const differing = models.flatMap(({ id, accepts: own }): [string, AcceptedKind[]][] =>
      own === undefined ? [] : [[id, [...own]]],
    );
    return {
      name,
      label: label ?? name,
      ...(adapter === undefined ? {} : { adapter }),
      models: models.map(({ id }) => id),
      ...(labels.length === 0 ? {} : { modelLabels: Object.fromEntries(labels) }),
      accepts: [...accepts],
      ...(differing.length === 0 ? {} : { modelAccepts: Object.fromEntries(differing) }),
      available,
      ...(problem === undefined ? {} : { problem }),
    };
  });
}

export const baselinePageRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/providers/catalog',
    tag: 'models',
    summary:
      'Lists the configured models that the principal may choose. `<name>/<model>` can be asked for in `options`.',
    response: { status: 200, description: 'Providers.', schema: providerCatalogSchema },
    answer: (services, { principal }) => accepted(catalog(services, principal)),
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/orchestrator/metadata',
    tag: 'orchestrator',
    summary: 'The agent of a session, its tool calls and its history; of no session, empty collections.',
    query: z.object({ sessionId: sessionIdSchema.optional() }),
    response: { status: 200, description: 'What there is now.', schema: orchestratorMetadataSchema },
    refusals: [404],
    answer: async ({ executionTree, authorize }, { query: { sessionId }, principal }) => {
      const nothing = { agentHierarchy: [], toolInvocations: [], contextBundles: [] };
      if (sessionId === undefined) return accepted({ capturedAt: new Date().toISOString(), ...nothing });
      const denied = await authorize(principal, 'see', { kind: 'session', id: sessionId });
      if (denied !== null) return refused(denied);
      const tree = await executionTree(sessionId);
      return tree === undefined ? refused(sessionNotFound(sessionId)) : accepted(tree);
    },
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/orchestrator/execution-state',
    tag: 'orchestrator',
    summary: 'The execution tree of a session that ran, and the same sorted by agent.',
    query: z.object({ sessionId: sessionIdSchema }),
    response: { status: 200, description: 'What there is now.', schema: executionStateSchema },
    refusals: [404],
    answer: async ({ readModel, executionTree, authorize }, { query: { sessionId }, principal }) => {
      const denied = await authorize(principal, 'see', { kind: 'session', id: sessionId });
      if (denied !== null) return refused(denied);
      const tree = await executionTree(sessionId);
      if (tree === undefined) return refused(sessionNotFound(sessionId));
      const [run] = await readModel.sessionRuns(sessionId, { limit: 1 });
      if (run === undefined) return refused(refusal('not_found', `Chat session ${sessionId} never ran`));
      return accepted(executionState(tree));
    },
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/user/preferences/layout',
    tag: 'preferences',
    summary: 'Reads the layout that was kept for whoever asks; the default one if none was.',
    response: { status: 200, description: 'The layout.', schema: shownLayoutSchema },
    answer: async ({ readModel }, { principal }) =>
      accepted(shownLayout(await readModel.layout(principal.id))),
  }),
  route({
    ...takesNothing,
    ...described('layout.update'),
    tag: 'preferences',
    body: layoutSchema,
    response: { status: 200, description: 'The whole layout.', schema: shownLayoutSchema },
    answer: ({ door }, { principal, body }) => door.updateLayout(principal.id, body),
  }),
];
