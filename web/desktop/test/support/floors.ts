// Floors to look at, without a server.
import type { Floor, FloorAgent, FloorFigures, FloorQueue } from '@cordboard/client';

const noon = '2026-11-27T12:00:00.000Z';

export function floorAgent(part: Partial<FloorAgent> = {}): FloorAgent {
  return {
    id: 'bob',
    name: 'Bob Brown',
    endpoint: '1002',
    session: 'LOGGED_IN',
    since: noon,
    agentState: 'READY',
    channel: 'ACTIVE',
    ...part,
  };
}

/** Somebody who talks to a customer. */
export function talkingAgent(part: Partial<FloorAgent> = {}): FloorAgent {
  return floorAgent({
    work: [
      {
        type: 'Telephony',
        direction: 'INBOUND',
        state: 'STARTED',
        since: '2026-11-27T12:05:00.000Z',
        from: 'Maria Schneider',
        queue: 'support',
      },
    ],
    ...part,
  });
}

export function queueFigures(part: Partial<FloorFigures> = {}): FloorFigures {
  return {
    waiting: 0,
    longestWaitMs: 0,
    agents: { ready: 1, busy: 0, notReady: 0 },
    entered: 0,
    offers: 0,
    answered: 0,
    abandoned: 0,
    overflowed: 0,
    unserved: 0,
    serviceLevel: { withinMs: 20_000, answered: 0, of: 0 },
    quarters: [],
    ...part,
  };
}

const nobody = { ready: 0, busy: 0, notReady: 0 };

/** With calls only, unless it is said. */
export function floorQueue(name: string, part: Partial<FloorQueue> = {}): FloorQueue {
  const none = queueFigures({ agents: nobody });
  return { name, Telephony: none, Chat: none, Email: none, ...part };
}

export function floorOf(agents: readonly FloorAgent[], queues: readonly FloorQueue[] = []): Floor {
  return {
    agents: new Map(agents.map((it) => [it.id, it])),
    queues: new Map(queues.map((it) => [it.name, it])),
  };
}
