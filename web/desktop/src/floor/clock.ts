// One clock for everything that ticks: a timer in a row draws only that row, and only when its text
// is another one.
export interface Clock {
  readonly subscribe: (listener: () => void) => () => void;
  /** Milliseconds since 1970, anew with each second. */
  readonly now: () => number;
}

export function secondsClock(nowMs: () => number): Clock {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = nowMs();
  const tick = () => {
    now = nowMs();
    for (const listener of listeners) listener();
  };
  return {
    now: () => now,
    subscribe(listener) {
      listeners.add(listener);
      if (timer === undefined) {
        now = nowMs();
        timer = setInterval(tick, 1000);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
