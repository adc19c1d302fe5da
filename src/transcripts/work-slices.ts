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
