/** One subscriber of one session: its sockets, the text that it got, and when. */
import type { SystemUnderTest } from '../systems/systems.ts';
import { FrameText } from './frame-text.ts';
import { RawConnection } from './raw-connection.ts';
import { UiStreamConnection } from './ui-stream-connection.ts';

export type SubscriberOptions = {
  readonly port: number;
  readonly system: SystemUnderTest;
  readonly sessionId: string;
  /** True when frames of other sessions arrive on the same socket. */
  readonly shared: boolean;
  readonly compress: boolean;
  /** The address from which it connects. */
  readonly localAddress?: string | undefined;
};

/** What is measured of a connection, whatever it speaks. */
export type SubscriberConnection = Pick<
  RawConnection,
  'bytes' | 'frames' | 'ended' | 'stall' | 'unstall' | 'close'
>;

export class Subscriber {
  readonly text: FrameText;
  /** The time of each read that brought text, ms, and how many characters had arrived with it. */
  readonly readAtMs: number[] = [];
  readonly readUnits: number[] = [];
  /** Called when the expected text is complete. */
  onComplete: () => void = () => {};
  /** Called with each frame, to record it. */
  onFrame: ((payload: Uint8Array, read: number) => void) | undefined;
  /** Called after the frames of a read. */
  onRead: ((atMs: number) => void) | undefined;
  readonly #sockets: RawConnection[] = [];
  #asking: UiStreamConnection | undefined;
  #seen = 0;
  #reads = 0;

  private constructor({ system, sessionId, shared }: SubscriberOptions) {
    this.text = new FrameText(system.dialect, shared && system.broadcasts ? sessionId : undefined);
  }

  /** Resolves when all sockets are open and, where the protocol says so, the server has greeted. */
  static async open(options: SubscriberOptions): Promise<Subscriber> {
    const subscriber = new Subscriber(options);
    const { port, system, sessionId } = options;
    if (system.dialect === 'ui-stream') {
      const [path = ''] = system.paths(sessionId);
      subscriber.#asking = await UiStreamConnection.open({
        port,
        path,
        onText: (bytes, start, end) => subscriber.text.append(bytes, start, end),
        onRead: (atMs) => subscriber.#afterRead(atMs),
      });
      return subscriber;
    }
    const greeted = Promise.withResolvers<void>();
    if (!greets(system)) greeted.resolve();
    const paths = system.paths(sessionId);
    for (const [index, path] of paths.entries()) {
      subscriber.#sockets.push(
        await RawConnection.open({
          port,
          path,
          subprotocol: system.subprotocol,
          localAddress: options.localAddress,
          compress: options.compress,
          onFrame: (bytes, start, end) => {
            if (index > 0) return;
            if (system.dialect === 'socket-io') subscriber.#engineIo(bytes, start, greeted.resolve);
            else greeted.resolve();
            subscriber.text.take(bytes, start, end);
            subscriber.onFrame?.(bytes.subarray(start, end), subscriber.#reads);
          },
          onRead: index > 0 ? undefined : (atMs) => subscriber.#afterRead(atMs),
        }),
      );
    }
    await greeted.promise;
    return subscriber;
  }

  get connections(): readonly SubscriberConnection[] {
    return this.#asking === undefined ? this.#sockets : [this.#asking];
  }

  get compressed(): boolean {
    return this.#sockets.some(({ compressed }) => compressed);
  }

  /** Asks where the answer comes as the response; `false`: it comes by itself, and the question goes another way. */
  ask(content: string): boolean {
    this.#asking?.ask(content);
    return this.#asking !== undefined;
  }

  expect(units: number): void {
    this.text.expect(units);
    this.readAtMs.length = 0;
    this.readUnits.length = 0;
    this.#seen = 0;
  }

  close(): void {
    for (const connection of this.connections) connection.close();
  }

  #afterRead(atMs: number): void {
    this.#reads++;
    this.onRead?.(atMs);
    const { units } = this.text;
    if (units <= this.#seen) return;
    this.#seen = units;
    this.readAtMs.push(atMs);
    this.readUnits.push(units);
    if (this.text.complete) this.onComplete();
  }

  /** `0…`: the server's handshake, to be answered with `40`; `40…`: connected; `2`: ping. */
  #engineIo(bytes: Buffer, start: number, greeted: () => void): void {
    const connection = this.#sockets[0];
    const [type, message] = [bytes[start], bytes[start + 1]];
    if (type === 0x30) setImmediate(() => this.#sockets[0]?.send('40'));
    else if (type === 0x32) connection?.send('3');
    else if (type === 0x34 && message === 0x30) greeted();
  }
}

/** Whether the server sends the first frame. */
function greets(system: SystemUnderTest): boolean {
  return system.dialect === 'socket-io' || (system.subprotocol !== undefined && system.replays === undefined);
}
