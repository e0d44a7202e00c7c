// What this page has seen of the agent's work, the newest first. Pure. It holds data of customers:
// it lives in memory only, and is gone with the page.
import {
  type Cause,
  findInteraction,
  type InteractionStateUpdate,
  type MediaType,
  type Model,
  type ProtocolEvent,
} from '@cordboard/client';
import { otherSideOf, type Person, textIn } from './people.js';

export type Outcome = 'handled' | 'rejected' | 'missed' | 'gone' | 'unanswered';

export interface DayEntry {
  readonly target: string;
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
  readonly open: Readonly<Record<string, DayEntry>>;
  readonly done: readonly DayEntry[];
}

export const emptyDay: Day = { open: {}, done: [] };
const doneMax = 200;

/** `model` has the event already. */
export function dayAfter(day: Day, model: Model, event: ProtocolEvent): Day {
  const { name, target } = event;
  const atMs = Date.parse(event.time);
  if (name === 'interaction.disposed') return closed(day, target, atMs);
  const interaction = findInteraction(model, target);
  if (!interaction) return day;
  const old = day.open[target];
  if (name === 'interaction.initialized' && !old) {
    const member = interaction.conversations[0]?.members[0];
    return withOpen(day, {
      target,
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

function outcomeOf(entry: DayEntry, cause: Cause): Outcome {
  if (entry.startedMs !== undefined) return 'handled';
  if (entry.isOutbound) return 'unanswered';
  if (cause === 'request') return 'rejected';
  return cause === 'remote' || cause === 'transfer' ? 'gone' : 'missed';
}

function withOpen(day: Day, entry: DayEntry): Day {
  return { ...day, open: { ...day.open, [entry.target]: entry } };
}

function closed(day: Day, target: string, atMs: number): Day {
  const { [target]: entry, ...open } = day.open;
  if (!entry) return day;
  const done = { ...entry, endedMs: entry.endedMs ?? atMs };
  return { open, done: [done, ...day.done].slice(0, doneMax) };
}
