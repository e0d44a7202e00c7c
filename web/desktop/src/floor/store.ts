// The floor as the page shows it: however often it changes, it is drawn once a frame.

import type { Floor } from '@cordboard/client';
import type { Clock } from './clock.js';

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

export interface CalmFloor {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getFloor: () => Floor | undefined;
}

/** The floor as of the last second: for what must not run away from who reads or points at it. */
export function calmed(store: FloorStore, clock: Clock): CalmFloor {
  const listeners = new Set<() => void>();
  let floor: Floor | undefined;
  let leave = () => {};
  const look = () => {
    const now = store.getFloor();
    if (now === floor) return;
    floor = now;
    for (const listener of listeners) listener();
  };
  const follow = () => {
    const leaves = [clock.subscribe(look), store.subscribe(() => floor ?? look())];
    leave = () => {
      for (const it of leaves) it();
    };
  };
  return {
    getFloor: () => floor,
    subscribe(listener) {
      if (listeners.size === 0) follow();
      listeners.add(listener);
      look();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) leave();
      };
    },
  };
}
