/** A server that asks nobody for a key listens for this machine alone. */
import { isLoopbackAddress } from './host-name.ts';

/** The message is one line that says what to do. */
export class InsecureListenError extends Error {
  override readonly name = 'InsecureListenError';

  constructor(host: string) {
    super(
      `Other machines would reach ${host}, and no apiKeys are configured: configure some, listen on 127.0.0.1, or start with --insecure`,
    );
  }
}

/**
 * `open`: requests without an API key are served. Returns whether other machines reach an open server, which
 * `insecure` allows; else throws {@link InsecureListenError}. A name other than `localhost` may be any machine's.
 */
export function isReachedByOthers(listening: {
  readonly host: string;
  readonly open: boolean;
  readonly insecure: boolean;
}): boolean {
  if (!listening.open || isLoopbackAddress(listening.host)) return false;
  if (!listening.insecure) throw new InsecureListenError(listening.host);
  return true;
}
