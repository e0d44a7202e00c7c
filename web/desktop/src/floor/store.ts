// The floor as the page shows it: however often it changes, it is drawn once a frame.
import type { Floor } from './types.js';

export class FloorStore {
  readonly #onFrame: (draw: () => void) => void;
  readonly #listeners = new Set<() => void>();
  #newest: Floor | undefined;
  #shown: Floor | undefined;
  #isWaiting = false;

  /** `onFrame` calls once, when the next frame is to be drawn: requestAnimationFrame. */
  constructor(onFrame: (draw: () => void) => void) {
    this.#onFrame = onFrame;
  }

  put(floor: Floor | undefined): void {
    this.#newest = floor;
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#onFrame(() => {
      this.#isWaiting = false;
      this.#shown = this.#newest;
      for (const listener of this.#listeners) listener();
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getFloor = (): Floor | undefined => this.#shown;
}
