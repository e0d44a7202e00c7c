// When to try again after a loss: exponentially later, up to a limit, and never in step with
// others.

export interface BackOff {
  /** Before the first try; each further one waits twice as long. */
  readonly firstMs: number;
  readonly maxMs: number;
}

export const defaultBackOff: BackOff = { firstMs: 250, maxMs: 10_000 };

/**
 * How long to wait before try number `tries` (from 1 on): at least half of what the doubling
 * gives, and a random part of the other half. A server that restarts is not met by all desktops at
 * once, and none of them is much later than it need be. `random` gives numbers from 0 up to, but
 * not, 1.
 */
export function delayOf(policy: BackOff, tries: number, random: () => number): number {
  const whole = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(tries - 1, 30));
  return whole / 2 + (whole / 2) * random();
}
