/** What the further entries of this library (docs/client.md) need of a client. Applications have no use for it. */
import type { ClientSettings } from './connection/connect-options.ts';
import type { SharedSubscriptions } from './follow/shared-subscriptions.ts';
import type { RestClient, RestRequest } from './session/rest.ts';

export type ClientCore = {
  readonly settings: ClientSettings;
  readonly subscriptions: SharedSubscriptions;
  readonly rest: RestClient;
  /** Sends a command over REST with a key of its own. Commands of one session keep their order. */
  readonly order: (
    method: Exclude<RestRequest['method'], 'GET'>,
    session: string | undefined,
    path: string,
    body?: object,
  ) => Promise<unknown>;
  /** Sends a frame that needs no answer; false: the client is not live. */
  readonly send: (frame: object) => boolean;
  /** Calls `end` when the client closes, at once if it is closed; returns a function that forgets it. */
  readonly whenClosed: (end: () => void) => () => void;
};
