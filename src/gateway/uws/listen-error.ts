/** Finds out why the gateway cannot listen: uWebSockets.js gives no reason, but Node's own sockets do. */
import { createServer } from 'node:net';

/** The gateway cannot listen; the message names address, port and reason in one line. */
export class GatewayListenError extends Error {
  override readonly name = 'GatewayListenError';
  /** `EADDRINUSE`, `EACCES` …; undefined when the reason is unknown. */
  readonly code: string | undefined;

  constructor(address: { readonly host: string; readonly port: number }, code: string | undefined) {
    super(
      `cannot listen on ${address.host}:${address.port}: ${reasons.get(code ?? '') ?? code ?? 'unknown'}`,
    );
    this.code = code;
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'the port is in use'],
  ['EACCES', 'this user may not use the port'],
  ['EADDRNOTAVAIL', 'this machine does not have the address'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'the host cannot be looked up'],
]);

/** Tries to listen on the same address with Node's own sockets, and makes an error of their reason. */
export function listenError(address: {
  readonly host: string;
  readonly port: number;
}): Promise<GatewayListenError> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(new GatewayListenError(address, error.code)),
    );
    probe.once('listening', () => probe.close(() => resolve(new GatewayListenError(address, undefined))));
    probe.listen(address);
  });
}
