/** Long work in slices, so that the event loop serves others in between. */
import { limits } from '../../schema/limits.ts';

export type WorkSlices = {
  /** Whether the slice is over: then `await next()`. */
  readonly isOver: () => boolean;
  readonly next: () => Promise<void>;
};

/** Slices of `transcriptSliceMs`. */
export function workSlices(): WorkSlices {
  let began = performance.now();
  return {
    isOver: () => performance.now() - began >= limits.transcriptSliceMs,
    next: () =>
      new Promise((resolve) => {
        setImmediate(() => {
          began = performance.now();
          resolve();
        });
      }),
  };
}

/** The same pieces, with other work in between whenever a slice is over. */
export async function* inSlices<Piece>(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  const slices = workSlices();
  for await (const piece of pieces) {
    yield piece;
    if (slices.isOver()) await slices.next();
  }
}
