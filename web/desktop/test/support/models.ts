// Sessions to look at, without a server.
import type { Conversation, Interaction, Model, ProtocolEvent } from '@cordboard/client';

export function conversation(part: Partial<Conversation> = {}): Conversation {
  const id = part.id ?? 'c-1';
  return {
    id,
    target: `s.ch-1.i-1.${id}`,
    type: 'primary',
    state: 'CONNECTED',
    muted: false,
    members: [{ id: 'm-1', address: '555', role: 'customer' }],
    ...part,
  };
}

export function interaction(part: Partial<Interaction> = {}): Interaction {
  return {
    id: 'i-1',
    target: 's.ch-1.i-1',
    type: 'Telephony',
    direction: 'INBOUND',
    state: 'STARTED',
    recording: 'NONE',
    'interaction-data': { ANI: '555', Queue: 'support' },
    conversations: [conversation()],
    ...part,
  };
}

export function modelWith(...interactions: readonly Interaction[]): Model {
  return {
    seq: 1,
    session: {
      id: 's',
      target: 's',
      state: 'LOGGED_IN',
      detached: false,
      agent: { id: 'alice', name: 'Alice' },
      reasons: [],
      dispositions: [],
      capabilities: [],
      permissions: [],
      channelgroups: [],
      channels: [
        {
          id: 'ch-1',
          target: 's.ch-1',
          endpoint: '1001',
          type: 'Telephony',
          state: 'ACTIVE',
          agentState: 'BUSY',
          queues: ['support'],
          interactions,
        },
      ],
    },
  };
}

export function event(name: string, target: string, data: object, second = 0): ProtocolEvent {
  const time = new Date(Date.UTC(2026, 10, 27, 12, 0, second)).toISOString();
  return { kind: 'event', name, target, data, seq: 1, time } as unknown as ProtocolEvent;
}

export const noon = Date.UTC(2026, 10, 27, 12);
