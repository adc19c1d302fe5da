/** A gateway with fake services, for all tests of a file, which ask it in JSON. */
import { afterAll, beforeAll } from 'vitest';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

type JsonAnswer = { readonly status: number; readonly body: unknown };

export function askedGateway() {
  let started: RunningGateway | undefined;
  const running = (): RunningGateway => {
    if (started === undefined) throw new Error('the gateway is asked before it runs');
    return started;
  };
  beforeAll(async () => {
    started = await runGateway();
  });
  afterAll(() => running().gateway.close());
  return {
    services: () => running().services,
    /** Absent `body`: a request without one. */
    ask: async (method: string, path: string, body?: unknown): Promise<JsonAnswer> => {
      const { request, send } = running();
      const response = await (body === undefined ? request(path, { method }) : send(method, path, body));
      return { status: response.status, body: await response.json() };
    },
  };
}
