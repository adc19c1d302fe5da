/** A socket that remembers what it hears. */
import { vi } from 'vitest';
import WebSocket from 'ws';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';

/** An answer of the server to a frame. */
type AnswerFrame = { readonly event: string; readonly data: Readonly<Record<string, unknown>> };

export class Listener {
  readonly frames: string[] = [];
  readonly #socket: WebSocket;
  readonly #isV1: boolean;
  #asked = 0;
  #closedWith: number | null = null;

  private constructor(socket: WebSocket, isV1: boolean) {
    this.#socket = socket;
    this.#isV1 = isV1;
    socket.on('message', (bytes) => this.frames.push(String(bytes)));
    socket.once('close', (code) => {
      this.#closedWith = code;
    });
  }

  static async open(url: string, headers: Record<string, string>, isV1: boolean): Promise<Listener> {
    const socket = new WebSocket(url, isV1 ? [callboardV1Subprotocol] : [], { headers });
    const listener = new Listener(socket, isV1);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return listener;
  }

  /** Sends a frame, and resolves with the answer to it. */
  async ask(event: string, data: object): Promise<AnswerFrame> {
    const id = this.send(event, data);
    return JSON.parse(await this.until((frame) => frame.includes(id)));
  }

  /** Sends a frame; returns what the answer to it has, and no other. */
  send(event: string, data: object): string {
    const id = `asked-${++this.#asked}`;
    this.#socket.send(JSON.stringify({ event, data, id }));
    return `"id":"${id}"`;
  }

  /** Resolves with the first frame for which it holds. */
  async until(holds: (frame: string) => boolean): Promise<string> {
    return await vi.waitFor(
      () => {
        const found = this.frames.find(holds);
        if (found === undefined)
          throw new Error(`not heard; closed with ${this.#closedWith}, after ${this.frames.join('\n')}`);
        return found;
      },
      { timeout: 60_000, interval: 5 },
    );
  }

  /** Closes it after everything that was published until now has arrived, and returns all frames. */
  async heard(): Promise<readonly string[]> {
    // What is published waits for the next flush; an answer goes out behind it.
    await new Promise((resolve) => setTimeout(resolve, 60));
    await this.ask(this.#isV1 ? 'ping' : 'nothing', {});
    await this.close();
    return this.frames;
  }

  async close(): Promise<void> {
    this.#socket.close();
    await new Promise((resolve) => this.#socket.once('close', resolve));
  }
}
