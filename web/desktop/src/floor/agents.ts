// The agents of the floor as a supervisor looks at them: what is shown of each, which of them, and
// in what order. Pure.
import type { FloorAgent, FloorWork } from '@cordboard/client';

/** `OUT`: not logged in. `OFF`: logged in, without a channel in use. */
export const shownStates = [
  'READY',
  'RESERVED',
  'BUSY',
  'WRAPUP',
  'NOT_READY',
  'OFF',
  'OUT',
] as const;
export type ShownState = (typeof shownStates)[number];

/** What people choose among: an offer counts as work, and so does what comes after it. */
export const groups = ['all', 'ready', 'busy', 'notReady', 'out'] as const;
export type Group = (typeof groups)[number];

export const orders = ['name', 'state', 'longest', 'queue'] as const;
export type Order = (typeof orders)[number];

export interface Choice {
  readonly text: string;
  readonly group: Group;
  /** That is served, or worked on; undefined: whatever the queue. */
  readonly queue: string | undefined;
  readonly order: Order;
}

/** The call, if there is one; else the chat or e-mail that began first. */
export function mainWorkOf(agent: FloorAgent): FloorWork | undefined {
  const work = agent.work ?? [];
  return work.find((it) => it.type === 'Telephony') ?? work[0];
}

const stateOfWork: Readonly<Record<FloorWork['state'], ShownState | undefined>> = {
  ALERTING: 'RESERVED',
  DIALING: 'BUSY',
  STARTED: 'BUSY',
  ENDED: 'WRAPUP',
  COMPLETED: undefined,
};

export function shownStateOf(agent: FloorAgent): ShownState {
  if (agent.session === 'LOGGED_OUT') return 'OUT';
  const work = mainWorkOf(agent);
  const atWork = work && stateOfWork[work.state];
  if (atWork) return atWork;
  if (agent.channel !== undefined && agent.channel !== 'ACTIVE') return 'OFF';
  return agent.agentState ?? 'OFF';
}

/** Since when the agent has been as shown, in ms since 1970; NaN if that was not said. */
export function shownSince(agent: FloorAgent): number {
  const work = agent.session === 'LOGGED_OUT' ? undefined : mainWorkOf(agent);
  return Date.parse(work && stateOfWork[work.state] ? work.since : agent.since);
}

const groupOfState: Readonly<Record<ShownState, Group>> = {
  READY: 'ready',
  RESERVED: 'busy',
  BUSY: 'busy',
  WRAPUP: 'busy',
  NOT_READY: 'notReady',
  OFF: 'notReady',
  OUT: 'out',
};

export function groupOf(agent: FloorAgent): Group {
  return groupOfState[shownStateOf(agent)];
}

export function countsOf(agents: Iterable<FloorAgent>): Readonly<Record<Group, number>> {
  const counts: Record<Group, number> = { all: 0, ready: 0, busy: 0, notReady: 0, out: 0 };
  for (const agent of agents) {
    counts.all += 1;
    counts[groupOf(agent)] += 1;
  }
  return counts;
}

/** Those that the agent serves, and of what the agent works on: it may have come from another. */
function queuesOf(agent: FloorAgent): readonly string[] {
  const ofWork = (agent.work ?? []).flatMap((it) => it.queue ?? []);
  return [...(agent.queues ?? []), ...ofWork];
}

/** Name, id, extension, queues, and of the work the caller: all words must be in them. */
function hasText(agent: FloorAgent, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const callers = (agent.work ?? []).map((it) => it.from ?? '');
  const text = [agent.name, agent.id, agent.endpoint, ...queuesOf(agent), ...callers]
    .join('\n')
    .toLocaleLowerCase();
  return words.every((it) => text.includes(it));
}

function isChosen(agent: FloorAgent, choice: Choice, words: readonly string[]): boolean {
  const { group, queue } = choice;
  if (group !== 'all' && groupOf(agent) !== group) return false;
  if (queue !== undefined && !queuesOf(agent).includes(queue)) return false;
  return hasText(agent, words);
}

type Compare = (one: FloorAgent, other: FloorAgent) => number;

const stateRank = (agent: FloorAgent) => shownStates.indexOf(shownStateOf(agent));
const sinceOrLast = (agent: FloorAgent) => {
  const since = shownSince(agent);
  return Number.isNaN(since) || agent.session === 'LOGGED_OUT' ? Number.POSITIVE_INFINITY : since;
};
/** Equal ones, infinite ones too, are 0. */
const difference = (one: number, other: number) => (one === other ? 0 : one < other ? -1 : 1);

/** The ids of those chosen, in order; equal ones by name. */
export function orderedIds(
  agents: Iterable<FloorAgent>,
  choice: Choice,
  language: string,
): readonly string[] {
  const collator = new Intl.Collator(language, { numeric: true });
  const byName: Compare = (one, other) => collator.compare(one.name, other.name);
  const queueOf = (agent: FloorAgent) => mainWorkOf(agent)?.queue ?? '\uffff';
  const compares: Readonly<Record<Order, Compare>> = {
    name: byName,
    state: (one, other) => stateRank(one) - stateRank(other),
    longest: (one, other) => difference(sinceOrLast(one), sinceOrLast(other)),
    queue: (one, other) => collator.compare(queueOf(one), queueOf(other)),
  };
  const words = choice.text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return [...agents]
    .filter((it) => isChosen(it, choice, words))
    .sort((one, other) => compares[choice.order](one, other) || byName(one, other))
    .map((it) => it.id);
}

/** The old list if the new one says the same, so that nothing is drawn again. */
export function sameOr<Item>(old: readonly Item[], now: readonly Item[]): readonly Item[] {
  const isSame = old.length === now.length && old.every((it, index) => it === now[index]);
  return isSame ? old : now;
}
