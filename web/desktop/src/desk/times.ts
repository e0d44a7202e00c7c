// Since when things are as they are. The model has no times, events do: by the server's clock.
// Pure; what it knows can be kept over a reload of the page (it holds no data of customers).
import type { ProtocolEvent } from '@cordboard/client';

/** `what` says what it was that began: a change that leaves it as it was does not begin anew. */
interface Since {
  readonly what: string;
  readonly atMs: number;
}

export interface Times {
  /** How far the server's clock is ahead of ours; undefined until an event has come. */
  readonly aheadMs: number | undefined;
  /** By target. */
  readonly since: Readonly<Record<string, Since>>;
}

export const noTimes: Times = { aheadMs: undefined, since: {} };

export function timesAfter(times: Times, event: ProtocolEvent, nowMs: number): Times {
  const atMs = Date.parse(event.time);
  if (Number.isNaN(atMs)) return times;
  // An event is never seen before it happens: the largest difference is the truest.
  const aheadMs = Math.max(times.aheadMs ?? Number.NEGATIVE_INFINITY, atMs - nowMs);
  return { aheadMs, since: sinceAfter(times.since, event, atMs) };
}

function sinceAfter(since: Times['since'], event: ProtocolEvent, atMs: number): Times['since'] {
  if (event.name.endsWith('.disposed')) {
    const { [event.target]: _, ...left } = since;
    return left;
  }
  if (event.name !== 'state.updated') return since;
  const { state, agentState, reason } = event.data as Record<string, unknown>;
  const what = [state, agentState, reason].join('/');
  if (since[event.target]?.what === what) return since;
  return { ...since, [event.target]: { what, atMs } };
}

/** How long it has been so; undefined if that is not known. */
export function elapsedMs(times: Times, target: string, nowMs: number): number | undefined {
  const since = times.since[target];
  if (!since) return undefined;
  return Math.max(0, nowMs + (times.aheadMs ?? 0) - since.atMs);
}

/** `1:05`, `1:02:03`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}
