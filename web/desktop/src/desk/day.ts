// The agent's day, the newest first: what this page has seen of it, and what the server's history
// has of before. Pure. It holds data of customers: it lives in memory only, gone with the page.
import {
  allInteractions,
  type Cause,
  findInteraction,
  type InteractionStateUpdate,
  type MediaType,
  type Model,
  type PastInteraction,
  type ProtocolEvent,
} from '@cordboard/client';
import { otherSideOf, type Person, personOf, textIn } from './people.js';

export type Outcome = 'handled' | 'rejected' | 'missed' | 'gone' | 'unanswered';

export interface DayEntry {
  /** The interaction's own. */
  readonly id: string;
  readonly type: MediaType;
  readonly isOutbound: boolean;
  readonly person: Person | undefined;
  /** To call back. */
  readonly number: string | undefined;
  readonly queue: string | undefined;
  readonly beganMs: number;
  readonly startedMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly outcome: Outcome;
}

export interface Day {
  /** By id. */
  readonly open: Readonly<Record<string, DayEntry>>;
  readonly done: readonly DayEntry[];
}

export const emptyDay: Day = { open: {}, done: [] };
export const doneMax = 200;

/** The midnight before, where the agent is. */
export function startOfDay(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

const idOf = (target: string) => target.slice(target.lastIndexOf('.') + 1);

/** `model` has the event already. */
export function dayAfter(day: Day, model: Model, event: ProtocolEvent): Day {
  const { name, target } = event;
  const atMs = Date.parse(event.time);
  if (name === 'interaction.disposed') return closed(day, idOf(target), atMs);
  const interaction = findInteraction(model, target);
  if (!interaction) return day;
  const old = day.open[interaction.id];
  if (name === 'interaction.initialized' && !old) {
    const member = interaction.conversations[0]?.members[0];
    return withOpen(day, {
      id: interaction.id,
      type: interaction.type,
      isOutbound: interaction.state === 'DIALING',
      person: otherSideOf(interaction),
      number: member?.address,
      queue: textIn(interaction, 'Queue'),
      beganMs: atMs,
      startedMs: interaction.state === 'STARTED' ? atMs : undefined,
      endedMs: undefined,
      outcome: interaction.state === 'STARTED' ? 'handled' : 'missed',
    });
  }
  if (name !== 'state.updated' || !old) return day;
  const { state, cause } = event.data as InteractionStateUpdate;
  if (state === 'STARTED') {
    return withOpen(day, { ...old, startedMs: old.startedMs ?? atMs, outcome: 'handled' });
  }
  if (state !== 'ENDED' || old.endedMs !== undefined) return day;
  return withOpen(day, { ...old, endedMs: atMs, outcome: outcomeOf(old, cause) });
}

/** With what the history has: of what the page has seen too, what was seen holds. */
export function withPast(day: Day, model: Model, past: readonly PastInteraction[]): Day {
  const live = new Set(allInteractions(model).map(({ id }) => id));
  const open = { ...day.open };
  const done = [...day.done];
  for (const row of past) {
    const entry = entryOf(row);
    const seen = open[entry.id];
    const at = done.findIndex((it) => isSame(it, row));
    const ended = done[at];
    if (seen && isSame(seen, row)) open[entry.id] = joined(seen, entry);
    else if (ended) done[at] = joined(ended, entry);
    else if (live.has(entry.id) && row.completed === undefined) open[entry.id] = entry;
    // Without an outcome it has ended only now: the history is a moment behind.
    else done.push(entry);
  }
  return { open, done: latest(done) };
}

/**
 * An id is given again when the operator begins a new journal: what was over before the other one
 * began is not the same.
 */
function isSame(seen: DayEntry, row: PastInteraction): boolean {
  const isOver = row.completed ?? (row.answered === undefined ? row.ended : undefined);
  return seen.id === row.id && !(isOver !== undefined && Date.parse(isOver) < seen.beganMs);
}

/** What was announced anew to this page has begun before: the earlier time is the true one. */
function joined(seen: DayEntry, past: DayEntry): DayEntry {
  const startedMs = earlier(seen.startedMs, past.startedMs);
  return {
    ...seen,
    person: seen.person ?? past.person,
    number: seen.number ?? past.number,
    queue: seen.queue ?? past.queue,
    beganMs: Math.min(seen.beganMs, past.beganMs),
    startedMs,
    endedMs: earlier(seen.endedMs, past.endedMs),
    outcome: startedMs === undefined ? seen.outcome : 'handled',
  };
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function entryOf(row: PastInteraction): DayEntry {
  const { id, type, queue } = row;
  const isOutbound = row.direction !== 'INBOUND' && row.from === row.endpoint;
  const number = isOutbound ? row.to : row.from;
  const name = isOutbound ? undefined : row.fromName;
  const began = {
    isOutbound,
    beganMs: Date.parse(row.offered),
    startedMs: msOf(row.answered),
  };
  return {
    ...{ id, type, queue, number, ...began },
    person: number || name ? personOf({ address: number ?? '', ...(name && { name }) }) : undefined,
    endedMs: msOf(row.ended),
    outcome: outcomeOf(began, row.cause),
  };
}

function msOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

function outcomeOf(
  entry: Pick<DayEntry, 'startedMs' | 'isOutbound'>,
  cause: Cause | undefined,
): Outcome {
  if (entry.startedMs !== undefined) return 'handled';
  if (entry.isOutbound) return 'unanswered';
  if (cause === 'request') return 'rejected';
  return cause === 'remote' || cause === 'transfer' ? 'gone' : 'missed';
}

function withOpen(day: Day, entry: DayEntry): Day {
  return { ...day, open: { ...day.open, [entry.id]: entry } };
}

function closed(day: Day, id: string, atMs: number): Day {
  const { [id]: entry, ...open } = day.open;
  if (!entry) return day;
  const done = { ...entry, endedMs: entry.endedMs ?? atMs };
  return { open, done: latest([done, ...day.done]) };
}

function latest(done: readonly DayEntry[]): readonly DayEntry[] {
  return [...done].sort((one, other) => other.beganMs - one.beganMs).slice(0, doneMax);
}
