// A contact centre in the middle of its day, always the same one.
import type { FloorAgent, FloorQuarter, FloorQueue, FloorWork } from '@cordboard/client';
import { floorQueue, queueFigures } from './floors.js';

const firstNames = ['Maria', 'Jonas', 'Aylin', 'Peter', 'Chloé', 'Sven', 'Ines', 'Olu', 'Hana'];
const lastNames = ['Schneider', 'Okafor', 'Yıldız', 'Brown', 'Novák', 'Lind', 'Costa', 'Weiß'];
const queueNames = [
  'support',
  'billing',
  'sales',
  'returns',
  'premium',
  'back office',
  'DSL',
  'it',
];
const quarterMs = 15 * 60_000;

const pick = <Item>(items: readonly Item[], index: number): Item =>
  items[index % items.length] as Item;
const iso = (ms: number) => new Date(ms).toISOString();

export function nameOf(index: number): string {
  return `${pick(firstNames, index)} ${pick(lastNames, index * 5 + Math.floor(index / 9))}`;
}

/** What `index` does; another `turn`: what may come next. */
export function someAgent(index: number, nowMs: number, turn = 0): FloorAgent {
  const doing = (index + turn) % 7;
  const since = iso(nowMs - ((index * 37 + 5) % 900) * 1000);
  const base = {
    ...{ id: `agent-${index}`, name: nameOf(index), endpoint: String(2000 + index), since },
    ...({ session: 'LOGGED_IN', channel: 'ACTIVE' } as const),
  };
  const call = (part: Partial<FloorWork> = {}): FloorWork => ({
    ...{ type: 'Telephony', direction: 'INBOUND', state: 'STARTED', since },
    ...{ from: nameOf(index * 3 + 1), queue: pick(queueNames, index) },
    ...part,
  });
  switch (doing) {
    case 0:
      return { ...base, agentState: 'READY' };
    case 1:
      return {
        ...{ ...base, agentState: 'NOT_READY' },
        reason: { code: 'lunch', name: 'Lunch break' },
      };
    case 2:
      return { ...base, agentState: 'READY', work: [call({ state: 'ENDED' })] };
    case 3:
      return index % 5 === 3
        ? { ...base, session: 'LOGGED_OUT', channel: 'INACTIVE' }
        : { ...base, agentState: 'READY', work: [call({ held: true })], pending: 'NOT_READY' };
    case 4:
      return { ...base, agentState: 'READY', work: [call({ state: 'ALERTING' })] };
    default:
      return { ...base, agentState: 'READY', work: [call()] };
  }
}

/** From eight in the morning until now, or for four hours. */
function quartersOf(index: number, nowMs: number): FloorQuarter[] {
  const eight = new Date(nowMs).setHours(8, 0, 0, 0);
  const last = Math.floor(nowMs / quarterMs) * quarterMs;
  const first = Math.min(eight, last - 16 * quarterMs);
  return Array.from({ length: (last - first) / quarterMs + 1 }, (_, at) => {
    const entered = Math.round(12 + 9 * Math.sin(at / 5 + index) + ((at * 7 + index) % 5));
    const abandoned = (at * 3 + index) % 4 === 0 ? 1 + (at % 3) : 0;
    return {
      start: iso(first + at * quarterMs),
      entered,
      answered: entered - abandoned,
      abandoned,
    };
  });
}

export function someQueue(index: number, nowMs: number, turn = 0): FloorQueue {
  const waiting = [0, 3, 0, 1, 12, 0, 2, 0][(index + turn) % 8] as number;
  return floorQueue(pick(queueNames, index), {
    Telephony: queueFigures({
      waiting,
      longestWaitMs: waiting > 0 ? 41_000 : 0,
      ...(waiting > 0 && { oldest: iso(nowMs - 41_000 - index * 3000) }),
      agents: { ready: waiting > 2 ? 0 : 4, busy: 7 + index, notReady: 2 },
      ...{ entered: 420 + index, offers: 450, answered: 400, abandoned: 17 + turn },
      serviceLevel: { withinMs: 20_000, answered: 360 - index * 9, of: 417 },
      quarters: quartersOf(index, nowMs),
    }),
    ...(index === 0 && { Chat: queueFigures({ waiting: 2, oldest: iso(nowMs - 95_000) }) }),
  });
}

export function largeFloor(agents: number, nowMs: number) {
  return {
    agents: Array.from({ length: agents }, (_, index) => someAgent(index, nowMs)),
    queues: queueNames.map((_, index) => someQueue(index, nowMs)),
  };
}
