/**
 * Has a diagram drawn by its frame, each for a bounded time and one after another: frames share a process, which is not the
 * page's in browsers that keep such frames apart.
 */
import { type DiagramAnswer, type DiagramOrder, diagramAnswer } from './diagram-messages.ts';
import { framePlaces } from './frame-places.ts';

/** How long a diagram may take, ms. */
const drawMs = 2000;
/** How long the frame may take until it can draw: it loads Mermaid, ms. */
const loadMs = 30_000;

/** Without frames for this long, the browser ends their process, ms. */
const pauseMs = 200;

export type FrameDrawing = {
  /** Draws, once the frame can; the last order counts. */
  readonly draw: (order: DiagramOrder) => void;
  /** Nothing is heard of the frame any more. */
  readonly end: () => void;
};

/** Ends when the drawing before it has ended. */
let turn: Promise<void> = Promise.resolve();

/** `answered` hears what is shown, and once at most that it failed: the frame must go then. */
export function frameDrawing(
  frame: HTMLIFrameElement,
  answered: (answer: Exclude<DiagramAnswer, { readonly type: 'ready' }>) => void,
): FrameDrawing {
  let order: DiagramOrder | undefined;
  let isReady = false;
  let hasEnded = false;
  /** Ends the turn of this frame. */
  let done = () => {};
  const fail = (reason: string) => {
    if (hasEnded) return;
    end();
    answered({ type: 'failed', reason });
  };
  /** What works on and on holds up every frame, until none is left in its process. */
  const stuck = () => {
    fail('It takes too long.');
    framePlaces.pause();
    setTimeout(() => framePlaces.resume(), pauseMs);
  };
  const loading = setTimeout(() => fail('What draws diagrams could not be loaded.'), loadMs);

  const heard = ({ source, data }: MessageEvent<unknown>) => {
    // Any window may send messages to this page.
    if (source === null || source !== frame.contentWindow) return;
    const answer = diagramAnswer(data);
    switch (answer?.type) {
      case undefined:
        return;
      case 'ready':
        clearTimeout(loading);
        isReady = true;
        queue();
        return;
      case 'drawn':
        done();
        answered(answer);
        return;
      case 'failed':
        fail(answer.reason);
    }
  };
  addEventListener('message', heard);

  function queue(): void {
    if (order === undefined || !isReady || hasEnded) return;
    const given = order;
    turn = turn.then(
      () =>
        new Promise<void>((resolve) => {
          if (hasEnded || given !== order) return resolve();
          const timer = setTimeout(stuck, drawMs);
          done = () => {
            clearTimeout(timer);
            resolve();
          };
          // The origin of the frame is opaque, so that none can be named; the policy of the page lets it go nowhere else.
          frame.contentWindow?.postMessage(given, '*');
        }),
    );
  }

  function end(): void {
    hasEnded = true;
    clearTimeout(loading);
    removeEventListener('message', heard);
    done();
  }

  return {
    draw(given) {
      order = given;
      queue();
    },
    end,
  };
}
