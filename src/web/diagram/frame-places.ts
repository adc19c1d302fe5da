/**
 * The few places for frames that live at a time. Who has asked gets one in turn; where all are taken, it is that of somebody
 * who has left the visible part of the page.
 */

/** Frames that live at a time. */
export const framesMax = 6;

export type FrameSeeker = {
  /** It is in or near the visible part of the page. */
  isNear: boolean;
  /** Its frame may live, or must end. */
  readonly placed: (hasPlace: boolean) => void;
};

export class FramePlaces {
  /** Who came first stands first. */
  readonly #holders: FrameSeeker[] = [];
  readonly #waiting: FrameSeeker[] = [];
  #isPaused = false;

  /** Comes near: it gets a place, now or later, unless it has one. */
  near(seeker: FrameSeeker): void {
    seeker.isNear = true;
    if (!this.#holders.includes(seeker) && !this.#waiting.includes(seeker)) this.#waiting.push(seeker);
    this.#settle();
  }

  /** Its place is kept until somebody needs it. */
  away(seeker: FrameSeeker): void {
    seeker.isNear = false;
    remove(this.#waiting, seeker);
    this.#settle();
  }

  /** Needs no place any more. */
  leave(seeker: FrameSeeker): void {
    seeker.isNear = false;
    remove(this.#waiting, seeker);
    remove(this.#holders, seeker);
    this.#settle();
  }

  /** Ends every frame. Nobody gets a place until {@link resume}; those that are near get theirs again then. */
  pause(): void {
    this.#isPaused = true;
    const ended = this.#holders.splice(0);
    this.#waiting.unshift(...ended.filter(({ isNear }) => isNear));
    for (const { placed } of ended) placed(false);
  }

  resume(): void {
    this.#isPaused = false;
    this.#settle();
  }

  #settle(): void {
    while (!this.#isPaused && this.#waiting.length > 0) {
      if (this.#holders.length >= framesMax) {
        const idle = this.#holders.find(({ isNear }) => !isNear);
        if (idle === undefined) return;
        remove(this.#holders, idle);
        idle.placed(false);
      }
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#holders.push(next);
      next.placed(true);
    }
  }
}

/** Those of the page. */
export const framePlaces = new FramePlaces();

function remove(seekers: FrameSeeker[], seeker: FrameSeeker): void {
  const at = seekers.indexOf(seeker);
  if (at >= 0) seekers.splice(at, 1);
}
