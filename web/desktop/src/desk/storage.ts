// What outlives a reload of the page. In sessionStorage, which only this window can read: the
// ticket back to the session, which is a secret, since when things are as they are, and whether the
// agent has muted the microphone. Passwords and data of customers are never stored.
import type { Ticket } from '@cordboard/client';
import { noTimes, type Times } from './times.js';

const ticketKey = 'cordboard.ticket';
const timesKey = 'cordboard.times';
const mutedKey = 'cordboard.muted';

export interface SessionMemory {
  ticket(): Ticket | undefined;
  times(): Times;
  keep(ticket: Ticket | undefined, times: Times): void;
  /** Who has muted the microphone is not heard because the page was loaded again. */
  isMuted(): boolean;
  keepMuted(isMuted: boolean): void;
  forget(): void;
}

/** A storage that is full or forbidden is as good as an empty one: the agent logs in anew. */
export function memoryIn(storage: Storage): SessionMemory {
  const read = (key: string): Record<string, unknown> | undefined => {
    try {
      const value: unknown = JSON.parse(storage.getItem(key) ?? 'null');
      return typeof value === 'object' && value !== null ? { ...value } : undefined;
    } catch {
      return undefined;
    }
  };
  const attempt = (act: () => void) => {
    try {
      act();
    } catch {
      // Nothing is kept then.
    }
  };
  return {
    ticket() {
      const value = read(ticketKey);
      const { session, resumeToken, seq } = value ?? {};
      if (typeof session !== 'string' || typeof resumeToken !== 'string') return undefined;
      return typeof seq === 'number' ? { session, resumeToken, seq } : undefined;
    },
    times() {
      const value = read(timesKey);
      const { aheadMs, since } = value ?? {};
      if (typeof since !== 'object' || since === null) return noTimes;
      return {
        aheadMs: typeof aheadMs === 'number' ? aheadMs : undefined,
        since: since as Times['since'],
      };
    },
    keep(ticket, times) {
      attempt(() => {
        if (ticket) storage.setItem(ticketKey, JSON.stringify(ticket));
        storage.setItem(timesKey, JSON.stringify(times));
      });
    },
    isMuted() {
      return read(mutedKey)?.['isMuted'] === true;
    },
    keepMuted(isMuted) {
      attempt(() => storage.setItem(mutedKey, JSON.stringify({ isMuted })));
    },
    forget() {
      attempt(() => {
        storage.removeItem(mutedKey);
        storage.removeItem(ticketKey);
        storage.removeItem(timesKey);
      });
    },
  };
}
