// Whom a call can go to: colleagues and queues by name, beside any number that is written. Pure.
import type { Added, DirectoryAgent } from '@cordboard/client';
import { numberOf } from '../desk/abilities.js';

/** What `session.request.directory` tells. */
export type Directory = Added<'session.request.directory'>;

export interface Entry {
  /** `agent:bob`, `queue:support`. */
  readonly key: string;
  readonly title: string;
  readonly number: string;
  /** Undefined: a queue. */
  readonly state: DirectoryAgent['state'] | undefined;
}

const stateRanks: readonly Entry['state'][] = ['READY', 'BUSY', 'NOT_READY', 'LOGGED_OUT'];

/** Who can take it first, then the others, each by name; then the queues. Not oneself. */
export function entriesOf(directory: Directory, ownId: string, language: string): readonly Entry[] {
  const { compare } = new Intl.Collator(language, { numeric: true });
  const agents = directory.agents
    .filter((it) => it.id !== ownId)
    .map(({ id, name, endpoint, state }) => entry(`agent:${id}`, name, endpoint, state))
    .sort(
      (one, other) =>
        stateRanks.indexOf(one.state) - stateRanks.indexOf(other.state) ||
        compare(one.title, other.title),
    );
  const queues = directory.queues
    .flatMap(({ name, numbers: [number] }) =>
      number ? [entry(`queue:${name}`, name, number)] : [],
    )
    .sort((one, other) => compare(one.title, other.title));
  return [...agents, ...queues];
}

function entry(key: string, title: string, number: string, state?: Entry['state']): Entry {
  return { key, title, number, state };
}

/** A list of more is searched rather than read. */
export const shownMax = 50;

/** Those that what is written may mean. */
export function matching(entries: readonly Entry[], written: string): readonly Entry[] {
  const wanted = written.trim().toLocaleLowerCase();
  if (wanted === '') return entries;
  return entries.filter(
    ({ title, number }) => title.toLocaleLowerCase().includes(wanted) || number.startsWith(wanted),
  );
}

/** Where the call goes: to who was chosen, whose name is written in full, or the number. */
export function destinationOf(
  entries: readonly Entry[],
  written: string,
  chosen: string | undefined,
): string | undefined {
  const name = written.trim().toLocaleLowerCase();
  const named = entries.filter((it) => it.title.toLocaleLowerCase() === name);
  const meant =
    named.find((it) => it.key === chosen) ?? (named.length === 1 ? named[0] : undefined);
  return meant?.number ?? numberOf(written);
}
