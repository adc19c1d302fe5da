/**
 * The Unix socket at which a running server takes commands from its command line. Who may write to it is decided by the file
 * system alone: the socket is for the server's own user, and so is its folder.
 */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Log } from '../../actors/ports.ts';
import { limits } from '../../schema/limits.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import { errorCode } from '../storage/storage-open-error.ts';
import { type KeyOrderServices, keyOrderSchema, obey } from './key-orders.ts';
import { isTrusted, type SocketPlace, socketPlace } from './socket-place.ts';

export type AdminSocket = { readonly close: () => Promise<void> };

/**
 * Call it while this process holds the store: a socket file at which nobody listens is then of a process that was killed, and
 * is replaced. Never rejects: a server without it serves, and the log says what does not work.
 */
export async function openAdminSocket({
  dataFolder,
  services,
  log,
}: {
  readonly dataFolder: string;
  readonly services: KeyOrderServices;
  readonly log: Log;
}): Promise<AdminSocket> {
  const place = socketPlace(dataFolder);
  const { path, folder } = place;
  const server = createServer((request, response) => {
    void answer(request, services, log).then((outcome) => {
      const text = JSON.stringify(
        outcome.ok
          ? { value: outcome.value }
          : { refused: { code: outcome.refusal.code, message: outcome.refusal.message } },
      );
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
      response.end(text);
    });
  });
  try {
    if (folder !== null) prepareOwnFolder(place, folder, dataFolder);
    await makeRoom(path);
    await listen(server, path);
    if (folder !== null) log.info(`The path of the data folder is too long for a socket: it is ${path}`);
  } catch (cause) {
    log.warn(`callboard keys cannot reach this server, because ${path} cannot be made`, { cause });
    return { close: async () => {} };
  }
  server.on('error', (cause) => log.warn('The socket for callboard keys failed', { cause }));
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  request: IncomingMessage,
  services: KeyOrderServices,
  log: Log,
): Promise<Outcome<unknown>> {
  try {
    let text = '';
    request.setEncoding('utf8');
    for await (const piece of request) {
      text += String(piece);
      if (text.length > limits.bodyBytesMax)
        return refused(refusal('body_too_large', 'The order is too long'));
    }
    const order = keyOrderSchema.safeParse(JSON.parse(text));
    if (!order.success) {
      return refused(
        refusal('bad_request', 'This server does not know the order; is it of another version?'),
      );
    }
    return await obey(order.data, services);
  } catch (cause) {
    log.error('An order of the command line failed', { cause });
    return refused(refusal('internal', 'The server could not carry it out; its log says why'));
  }
}

/** Throws when somebody else has made the folder. */
function prepareOwnFolder(place: SocketPlace, folder: string, dataFolder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    if (errorCode(cause) !== 'EEXIST') throw cause;
  }
  if (!isTrusted(place, dataFolder)) throw new Error(`${folder} is not this server's own`);
}

/** Removes the socket of a process that was killed. Rejects when another process listens there. */
async function makeRoom(path: string): Promise<void> {
  const isHeard = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
  if (isHeard) throw new Error('another process listens there');
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
}

async function listen(server: Server, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      server.off('error', reject);
      resolve();
    });
  });
  // The file is made within this call: nobody else can open it at any moment.
  const before = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening;
  chmodSync(path, 0o600);
}
