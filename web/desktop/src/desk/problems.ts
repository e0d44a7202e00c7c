// What went wrong, in words: the catalogue's for what the protocol knows, and beneath them the
// server's own, which say more. Pure.
import { CommandError, LimitError, SessionOverError, UnreachableError } from '@cordboard/client';
import { en } from '../i18n/en.js';
import type { Key } from '../i18n/index.js';

export interface Problem {
  readonly id: number;
  readonly key: Key;
  /** The server's own words: in English, whatever the desktop speaks. */
  readonly detail: string | undefined;
}

export function problemOf(error: unknown, id: number): Problem {
  if (error instanceof CommandError) {
    const key = `failure.${error.code}`;
    return { id, key: isKey(key) ? key : 'failure.other', detail: error.context ?? error.message };
  }
  if (error instanceof UnreachableError)
    return { id, key: 'failure.unreachable', detail: undefined };
  if (error instanceof LimitError) return { id, key: 'failure.rate.limited', detail: undefined };
  if (error instanceof SessionOverError) {
    const key = error.outcome === 'unknown' ? 'failure.over.unknown' : 'failure.over.notSent';
    return { id, key, detail: undefined };
  }
  return { id, key: 'failure.other', detail: error instanceof Error ? error.message : undefined };
}

function isKey(key: string): key is Key {
  return Object.hasOwn(en, key);
}
