/**
 * One call of a registered tool: a signed request to its endpoint, over a connection of its own whose address was
 * checked (`checked-connector.ts`). No proxy of the environment is used: it would resolve the name itself.
 */
import { Agent, request } from 'undici';
import type { Clock, Random } from '../../../actors/ports.ts';
import type { ToolRun } from '../../../actors/tool-ports.ts';
import type { JsonObject } from '../../../schema/json-value.ts';
import { limits } from '../../../schema/limits.ts';
import { type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import type { RegisteredTool } from '../../../schema/registered-tool.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { exactArguments } from '../mcp/exact-arguments.ts';
import { networkWords } from '../mcp/http-failure.ts';
import { type AddressPolicy, addressPolicy } from './address-policy.ts';
import { checkedConnector, type FindAddresses, ForbiddenAddress } from './checked-connector.ts';
import { header, remoteResult } from './remote-answer.ts';
import { signatureHeaders } from './webhook-signature.ts';

export type RemoteCallsOptions = {
  readonly clock: Clock;
  readonly random: Random;
  /** See {@link addressPolicy}. */
  readonly privateNetworks: readonly string[];
  /** Default: the system's name servers. */
  readonly findAddresses?: FindAddresses;
};

export type RemoteCalls = {
  readonly policy: AddressPolicy;
  /** Rejects when `run.signal` aborts. `secrets`: what the call is signed with. */
  readonly call: (
    tool: RegisteredTool,
    secrets: readonly string[],
    input: JsonObject,
    run: ToolRun,
  ) => Promise<Outcome<unknown>>;
  /** Ends all connections. */
  readonly stop: () => Promise<void>;
};

/** An attempt that gave no result; `final`: another one cannot give one either. */
type Failure = { readonly final: boolean; readonly words: string; readonly retryAfterMs?: Milliseconds };
type Attempt = { readonly outcome: Outcome<unknown> } | { readonly failure: Failure };

export function remoteCalls(options: RemoteCallsOptions): RemoteCalls {
  const { clock, random } = options;
  const policy = addressPolicy(options.privateNetworks);
  const agent = new Agent({
    connect: checkedConnector(policy, options.findAddresses),
    connections: limits.registeredToolConnectionsMax,
    // A kept connection may be closed just when a call that must not be repeated is sent.
    pipelining: 0,
    // The call's signal keeps the time.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function call(
    tool: RegisteredTool,
    secrets: readonly string[],
    input: JsonObject,
    { sessionId, callId, argumentsJson, signal }: ToolRun,
  ): Promise<Outcome<unknown>> {
    const exact = exactArguments(input, argumentsJson);
    if (!exact.ok) return exact;
    const body = JSON.stringify({ callId, name: tool.name, arguments: exact.value, sessionId });
    const attemptsMax = tool.repeatable ? limits.registeredToolAttemptsMax : 1;
    for (let attempt = 1; ; attempt++) {
      const signature = () => signatureHeaders({ id: callId, at: clock.now(), body, secrets });
      const made = await attempted(tool.url, { body, signature, signal });
      if ('outcome' in made) return made.outcome;
      const { final, words, retryAfterMs } = made.failure;
      if (final || attempt === attemptsMax) {
        const times = attempt === 1 ? '' : ` (tried ${attempt} times)`;
        return refused(
          refusal('unavailable', `The endpoint of ${tool.name} gave no result${times}: ${words}`),
        );
      }
      await wait(clock, retryDelay(attempt, random(), retryAfterMs), signal);
    }
  }

  async function attempted(
    address: string,
    given: {
      readonly body: string;
      readonly signature: () => Readonly<Record<string, string>>;
      readonly signal: AbortSignal;
    },
  ): Promise<Attempt> {
    const { body, signature, signal } = given;
    let url = new URL(address);
    try {
      for (let followed = 0; ; followed++) {
        const response = await request(url, {
          dispatcher: agent,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'accept-encoding': 'identity',
            'user-agent': 'callboard',
            ...signature(),
          },
          body,
          signal,
        });
        // Whatever ends a body early is an error of its stream; without a listener it would end the process.
        response.body.on('error', () => {});
        const { statusCode: status } = response;
        const isRedirection = status >= 300 && status < 400;
        if (!isRedirection && (status === 429 || status >= 500)) {
          const seconds = header(response, 'retry-after');
          const outcome = await remoteResult(response);
          return {
            failure: {
              final: false,
              words: outcome.ok ? `HTTP ${status}` : outcome.refusal.message,
              ...(/^\d{1,6}$/.test(seconds) ? { retryAfterMs: Number(seconds) * 1000 } : {}),
            },
          };
        }
        if (!isRedirection) return { outcome: await remoteResult(response) };
        response.body.destroy();
        const next = redirectedTo(url, status, header(response, 'location'), followed);
        if (typeof next === 'string') return { failure: { final: true, words: next } };
        url = next;
      }
    } catch (cause) {
      if (signal.aborted) throw cause;
      const forbidden = forbiddenIn(cause);
      if (forbidden !== null) return { failure: { final: true, words: forbidden.message } };
      return { failure: { final: false, words: networkWords(cause) } };
    }
  }

  return { policy, call, stop: () => agent.destroy() };
}

/**
 * Where a redirection leads, or why it is not followed: only one that keeps the method, and stays within the origin that
 * was registered. The signed request is for nobody else.
 */
function redirectedTo(from: URL, status: number, location: string, followed: number): URL | string {
  const to = location === '' ? null : URL.parse(location, from.href);
  if (to === null) return `HTTP ${status} without a place to go`;
  if (to.origin !== from.origin) {
    return `HTTP ${status} redirects to another origin, ${to.origin}; register the tool at that address if it is right`;
  }
  if (status !== 307 && status !== 308) {
    return `HTTP ${status} redirects in a way that would lose the request; only 307 and 308 are followed`;
  }
  return followed >= limits.registeredToolRedirectsMax
    ? `HTTP ${status} redirects more than ${limits.registeredToolRedirectsMax} times`
    : to;
}

/** Node wraps what its connections fail with when a name has several addresses. */
function forbiddenIn(cause: unknown): ForbiddenAddress | null {
  if (cause instanceof ForbiddenAddress) return cause;
  return cause instanceof Error && cause.cause !== undefined ? forbiddenIn(cause.cause) : null;
}

/** Half of the wait is random, so that calls that failed together are not tried again together. */
function retryDelay(failures: number, jitter: number, retryAfterMs: Milliseconds = 0): Milliseconds {
  const backoff = limits.registeredToolRetryMs * 2 ** (failures - 1);
  const delay = backoff / 2 + (backoff / 2) * jitter;
  return Math.round(Math.max(delay, Math.min(retryAfterMs, limits.registeredToolRetryAfterMsMax)));
}

function wait(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(delay, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
