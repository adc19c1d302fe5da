/**
 * A TCP proxy on the loopback that misbehaves on demand: it delays, splits at any byte, stalls and cuts. Each
 * connection takes the next plan, and is left alone when there is none.
 */
import { connect as connectTcp, createServer, type Socket } from 'node:net';

/** What happens to one direction of a connection, step by step, each after so many more bytes. */
export type ChaosStep = {
  readonly afterBytes: number;
  readonly act: /** Ends both directions without a goodbye. */
    | { readonly kind: 'cut' }
    /** Nothing passes for this long; the bytes that wait then pass at once. */
    | { readonly kind: 'stall'; readonly ms: number }
    /** The next bytes pass in pieces of this size, each in its own segment. */
    | { readonly kind: 'split'; readonly size: number; readonly pieces: number };
};

export type ChaosPlan = {
  readonly toClient: readonly ChaosStep[];
  readonly toServer: readonly ChaosStep[];
};

export type ChaosProxy = {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** How many connections were accepted, cut and stalled, to prove that faults happened. */
  readonly seen: { readonly connections: number; readonly cuts: number; readonly stalls: number };
  /** Plans for the next connections. */
  readonly plan: (plans: readonly ChaosPlan[]) => void;
  /** From now on no connection is disturbed, including the open ones. */
  readonly heal: () => void;
  /** Cuts every connection that is open. */
  readonly cutAll: () => void;
  /** Refuses connections until the next `heal`. */
  readonly refuse: () => void;
  /** New connections go to this port: the server has moved. */
  readonly retarget: (port: number) => void;
  readonly close: () => Promise<void>;
};

export async function startChaosProxy(port: number): Promise<ChaosProxy> {
  let targetPort = port;
  const seen = { connections: 0, cuts: 0, stalls: 0 };
  const open = new Set<Link>();
  let plans: ChaosPlan[] = [];
  let isRefusing = false;

  const server = createServer({ noDelay: true }, (client) => {
    seen.connections++;
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const link = new Link(client, targetPort, plans.shift() ?? { toClient: [], toServer: [] }, {
      cut: () => seen.cuts++,
      stalled: () => seen.stalls++,
      ended: () => open.delete(link),
    });
    open.add(link);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    seen,
    plan: (given) => {
      plans = [...given];
    },
    heal: () => {
      plans = [];
      isRefusing = false;
      for (const link of open) link.heal();
    },
    cutAll: () => {
      for (const link of [...open]) link.cut();
    },
    refuse: () => {
      isRefusing = true;
    },
    retarget: (moved) => {
      targetPort = moved;
    },
    close: () => {
      for (const link of [...open]) link.cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

type LinkEvents = {
  readonly cut: () => void;
  readonly stalled: () => void;
  readonly ended: () => void;
};

/** One connection through the proxy. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #events: LinkEvents;
  readonly #lanes: readonly [Lane, Lane];
  #isOver = false;

  constructor(client: Socket, targetPort: number, plan: ChaosPlan, events: LinkEvents) {
    this.#client = client;
    this.#server = connectTcp({ port: targetPort, host: '127.0.0.1', noDelay: true });
    this.#events = events;
    const cut = () => this.cut();
    this.#lanes = [
      new Lane(this.#server, client, plan.toClient, { ...events, cut }),
      new Lane(client, this.#server, plan.toServer, { ...events, cut }),
    ];
    for (const socket of [client, this.#server]) {
      // Resets are expected here.
      socket.on('error', () => this.#end());
      socket.on('close', () => this.#end());
    }
  }

  heal(): void {
    for (const lane of this.#lanes) lane.heal();
  }

  cut(): void {
    if (this.#isOver) return;
    this.#events.cut();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const lane of this.#lanes) lane.stop();
    // Bytes under way when one side has ended are delivered to the other.
    if (!this.#client.destroyed) this.#client.end();
    if (!this.#server.destroyed) this.#server.end();
    this.#events.ended();
  }
}

/** One direction. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  #steps: readonly ChaosStep[];
  readonly #events: Pick<LinkEvents, 'cut' | 'stalled'>;
  #waiting: Buffer = Buffer.alloc(0);
  /** Bytes until the next step. */
  #left: number;
  #stall: NodeJS.Timeout | undefined;
  #split: { readonly size: number; pieces: number } | undefined;

  constructor(
    from: Socket,
    to: Socket,
    steps: readonly ChaosStep[],
    events: Pick<LinkEvents, 'cut' | 'stalled'>,
  ) {
    this.#from = from;
    this.#to = to;
    this.#steps = steps;
    this.#events = events;
    this.#left = steps[0]?.afterBytes ?? Number.POSITIVE_INFINITY;
    from.on('data', (bytes: Buffer) => {
      this.#waiting = Buffer.concat([this.#waiting, bytes]);
      this.#pump();
    });
  }

  heal(): void {
    this.#steps = [];
    this.#left = Number.POSITIVE_INFINITY;
    this.#split = undefined;
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#from.resume();
    this.#pump();
  }

  stop(): void {
    clearTimeout(this.#stall);
  }

  #pump(): void {
    while (this.#stall === undefined) {
      if (this.#left === 0) {
        if (this.#act()) return;
        continue;
      }
      if (this.#waiting.length === 0) return;
      const size = Math.min(this.#waiting.length, this.#left, this.#pieceSize());
      this.#to.write(this.#waiting.subarray(0, size));
      this.#waiting = this.#waiting.subarray(size);
      this.#left -= size;
      if (this.#split !== undefined && this.#waiting.length > 0) {
        // Waits a turn of the event loop between pieces, or the kernel would join them again.
        this.#pause(0);
        return;
      }
    }
  }

  #pieceSize(): number {
    if (this.#split === undefined) return Number.POSITIVE_INFINITY;
    this.#split.pieces--;
    const { size, pieces } = this.#split;
    if (pieces <= 0) this.#split = undefined;
    return size;
  }

  /** Returns true when the plan is finished. */
  #act(): boolean {
    const [step, ...rest] = this.#steps;
    this.#steps = rest;
    this.#left = rest[0]?.afterBytes ?? Number.POSITIVE_INFINITY;
    switch (step?.act.kind) {
      case 'cut':
        this.#events.cut();
        return true;
      case 'stall':
        this.#events.stalled();
        this.#pause(step.act.ms);
        return false;
      case 'split':
        this.#split = { size: step.act.size, pieces: step.act.pieces };
        return false;
      case undefined:
        return false;
    }
  }

  #pause(ms: number): void {
    this.#from.pause();
    this.#stall = setTimeout(() => {
      this.#stall = undefined;
      this.#from.resume();
      this.#pump();
    }, ms);
  }
}
