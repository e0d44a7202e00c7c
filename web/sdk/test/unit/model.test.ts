import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProtocolError } from '../../src/errors.js';
import type { Events, SessionView } from '../../src/generated/protocol.js';
import type { ProtocolEvent } from '../../src/messages.js';
import {
  allChannels,
  apply,
  emptyModel,
  findConversation,
  findInteraction,
  focusOf,
  type Model,
  modelOfSnapshot,
} from '../../src/model.js';

type Told = {
  [Name in keyof Events]: [name: Name, target: string, data: Events[Name]['data']];
}[keyof Events];

function fold(model: Model, ...told: Told[]): Model {
  return told.reduce((now, [name, target, data]) => {
    const event = {
      kind: 'event',
      name,
      target,
      data,
      seq: now.seq + 1,
      time: '',
    } as ProtocolEvent;
    return apply(now, event);
  }, model);
}

const member = { id: 'm-9', address: '555', role: 'customer' } as const;
const info = {
  id: 'ch-1',
  endpoint: '1001',
  type: 'Telephony',
  state: 'ACTIVE',
  agentState: 'BUSY',
  queues: ['support'],
} as const;
const profile = {
  agent: { id: 'alice', name: 'Alice' },
  reasons: [],
  dispositions: [],
  capabilities: ['hold'],
  permissions: ['supervise'],
} as const;

/** The story behind the example of a snapshot in docs/protocol.md, the channel in a group. */
const story: readonly Told[] = [
  ['channelgroup.created', 's', { channelgroup: { id: 'g-1', name: 'desk' } }],
  ['channel.created', 's.g-1', { channel: { id: 'ch-1', endpoint: '1001', type: 'Telephony' } }],
  ['channel.infochanged', 's.g-1.ch-1', { channel: { ...info, reason: 'lunch' } }],
  [
    'state.updated',
    's.g-1.ch-1',
    {
      state: 'ACTIVE',
      previous: 'ACTIVE',
      cause: 'request',
      agentState: 'NOT_READY',
      reason: 'lunch',
    },
  ],
  ['channel.initialized', 's.g-1.ch-1', {}],
  ['channelgroup.initialized', 's.g-1', {}],
  ['session.initialized', 's', profile],
  ['channel.infochanged', 's.g-1.ch-1', { channel: info }],
  [
    'state.updated',
    's.g-1.ch-1',
    { state: 'ACTIVE', previous: 'ACTIVE', cause: 'request', agentState: 'BUSY' },
  ],
  [
    'interaction.created',
    's.g-1.ch-1',
    { interaction: { id: 'i-5', type: 'Telephony', direction: 'INBOUND' } },
  ],
  [
    'state.updated',
    's.g-1.ch-1.i-5',
    { state: 'STARTED', previous: 'STARTED', cause: 'remote', recording: 'NONE' },
  ],
  ['conversation.created', 's.g-1.ch-1.i-5', { conversation: { id: 'c-8', type: 'primary' } }],
  [
    'state.updated',
    's.g-1.ch-1.i-5.c-8',
    { state: 'HELD', previous: 'CONNECTED', cause: 'request', muted: false },
  ],
  ['conversation.member.added', 's.g-1.ch-1.i-5.c-8', { member }],
  ['conversation.initialized', 's.g-1.ch-1.i-5.c-8', {}],
  ['interaction.datachanged', 's.g-1.ch-1.i-5', { 'interaction-data': { ANI: '555' } }],
  ['interaction.initialized', 's.g-1.ch-1.i-5', {}],
];

const snapshot: SessionView = {
  id: 's',
  state: 'LOGGED_IN',
  detached: false,
  ...profile,
  channels: [],
  channelgroups: [
    {
      id: 'g-1',
      name: 'desk',
      channels: [
        {
          ...info,
          interactions: [
            {
              id: 'i-5',
              type: 'Telephony',
              direction: 'INBOUND',
              state: 'STARTED',
              recording: 'NONE',
              'interaction-data': { ANI: '555' },
              conversations: [
                { id: 'c-8', type: 'primary', state: 'HELD', muted: false, members: [member] },
              ],
            },
          ],
        },
      ],
    },
  ],
};

test('what the events have said is what the snapshot says', () => {
  assert.deepEqual(fold(emptyModel('s'), ...story), modelOfSnapshot(snapshot, story.length));
});

test('an event leaves alone what it is not about, and never changes a model', () => {
  const model = fold(emptyModel('s'), ...story, [
    'channel.created',
    's',
    { channel: { id: 'ch-2', endpoint: 'alice@example', type: 'Chat' } },
  ]);
  const before = structuredClone(model);
  const now = fold(model, ['conversation.member.removed', 's.g-1.ch-1.i-5.c-8', { member }]);
  assert.deepEqual(model, before);
  assert.deepEqual(findConversation(now, 's.g-1.ch-1.i-5.c-8')?.members, []);
  assert.equal(now.session.channels, model.session.channels);
  assert.notEqual(now.session.channelgroups, model.session.channelgroups);
});

test('what is disposed of is gone, and the focus with its conversation', () => {
  const model = modelOfSnapshot(snapshot, 1);
  const two = fold(
    model,
    ['conversation.created', 's.g-1.ch-1.i-5', { conversation: { id: 'c-9', type: 'consult' } }],
    ['interaction.focuschanged', 's.g-1.ch-1.i-5', { conversation: { id: 'c-9' } }],
  );
  const interaction = (it: Model) => findInteraction(it, 's.g-1.ch-1.i-5');
  assert.equal(focusOf(interaction(two) ?? assert.fail())?.id, 'c-9');
  const one = fold(two, ['conversation.disposed', 's.g-1.ch-1.i-5.c-9', {}]);
  assert.deepEqual(interaction(one), interaction(model));
  assert.equal(focusOf(interaction(one) ?? assert.fail())?.id, 'c-8');
  const none = fold(
    one,
    ['interaction.disposed', 's.g-1.ch-1.i-5', {}],
    ['channel.disposed', 's.g-1.ch-1', {}],
  );
  assert.deepEqual(allChannels(none), []);
  assert.deepEqual(fold(none, ['channelgroup.disposed', 's.g-1', {}]).session.channelgroups, []);
});

test('an event of what is not known is refused', () => {
  const model = modelOfSnapshot(snapshot, 1);
  const strange: Told[] = [
    ['channel.infochanged', 's.ch-1', { channel: info }],
    ['interaction.datachanged', 's.g-1.ch-1.i-6', { 'interaction-data': {} }],
    ['conversation.disposed', 's.g-1.ch-1.i-5.c-9', {}],
    ['session.initialized', 'another', profile],
    [
      'state.updated',
      's.g-1.ch-1.i-5.c-9',
      { state: 'HELD', previous: 'HELD', cause: 'request', muted: true },
    ],
  ];
  for (const it of strange) assert.throws(() => fold(model, it), ProtocolError, it[0]);
});

test('an event of a later protocol counts and changes nothing', () => {
  const model = modelOfSnapshot(snapshot, 1);
  const now = fold(model, ['channel.painted', 's.g-1.ch-1', {}] as never);
  assert.equal(now.seq, 2);
  assert.equal(now.session, model.session);
});
