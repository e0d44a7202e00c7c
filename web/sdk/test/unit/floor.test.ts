// The floor: folded from what the server tells, and watched again after each loss.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldFloor } from '../../src/floor.js';
import type {
  CordboardClient,
  Floor,
  FloorAgent,
  FloorQuarter,
  FloorQueue,
} from '../../src/index.js';
import { comeBack, follow, open } from '../support/desk.js';
import { breathe } from '../support/fake_server.js';

const since = '2026-11-22T15:00:00.000Z';

function agent(id: string, agentState: 'READY' | 'BUSY' = 'READY'): FloorAgent {
  const named = { id, name: id, endpoint: id };
  return { ...named, session: 'LOGGED_IN', since, channel: 'ACTIVE', agentState };
}

function quarter(minute: string, entered: number): FloorQuarter {
  return { start: `2026-11-22T15:${minute}:00.000Z`, entered, answered: 0, abandoned: 0 };
}

function queue(name: string, waiting: number, quarters: readonly FloorQuarter[]): FloorQueue {
  const counts = { entered: 0, offers: 0, answered: 0, abandoned: 0, overflowed: 0, unserved: 0 };
  const none = {
    ...counts,
    ...{ waiting: 0, longestWaitMs: 0, agents: { ready: 0, busy: 0, notReady: 0 } },
    ...{ serviceLevel: { withinMs: 20_000, answered: 0, of: 0 }, quarters: [] },
  };
  return { name, Telephony: { ...none, waiting, quarters }, Chat: none, Email: none };
}

/** As it is now: TypeScript takes a property for what it was compared with before. */
function floorOf(client: CordboardClient): Floor | undefined {
  return client.floor;
}

const whole = {
  whole: true,
  agents: [agent('alice'), agent('bob')],
  queues: [queue('support', 0, [quarter('00', 1)]), queue('sales', 0, [])],
} as const;

test('an update changes its rows and shares the others', () => {
  const first = foldFloor(undefined, whole) ?? assert.fail();
  assert.deepEqual([...first.agents.keys()], ['alice', 'bob']);
  const second = foldFloor(first, { agents: [agent('bob', 'BUSY')], queues: [] });
  assert.equal(second?.agents.get('bob')?.agentState, 'BUSY');
  assert.equal(first.agents.get('bob')?.agentState, 'READY');
  assert.equal(second?.agents.get('alice'), first.agents.get('alice'));
  assert.equal(second?.queues, first.queues);
  assert.deepEqual([...(second?.agents.keys() ?? [])], ['alice', 'bob']);
});

test('a quarter takes the place of the one with its start, and the others stay', () => {
  let floor = foldFloor(undefined, whole);
  floor = foldFloor(floor, { agents: [], queues: [queue('support', 1, [quarter('00', 2)])] });
  floor = foldFloor(floor, { agents: [], queues: [queue('support', 1, [])] });
  floor = foldFloor(floor, { agents: [], queues: [queue('support', 2, [quarter('15', 1)])] });
  const calls = floor?.queues.get('support')?.Telephony;
  assert.equal(calls?.waiting, 2);
  assert.deepEqual(calls?.quarters, [quarter('00', 2), quarter('15', 1)]);
});

test('a part of what is not known is nothing, and a whole one begins again', () => {
  assert.equal(foldFloor(undefined, { agents: [agent('bob')], queues: [] }), undefined);
  const floor = foldFloor(foldFloor(undefined, whole), {
    whole: true,
    agents: [agent('bob')],
    queues: [],
  });
  assert.deepEqual([...(floor?.agents.keys() ?? [])], ['bob']);
  assert.equal(floor?.queues.size, 0);
});

test('watching is done when all is known, and goes on with what changes', async () => {
  const { client, server } = await open();
  const seen: number[] = [];
  client.on('floor', ({ queues }) => seen.push(queues.get('support')?.Telephony.waiting ?? -1));
  const watching = follow(client.watchFloor());
  const request = server.last.takeOne('session.request.watch');
  assert.equal(request.target, 's');
  server.last.succeed(request, 3);
  await breathe();
  assert.equal(watching.state, 'open');
  assert.equal(floorOf(client), undefined);
  server.last.tellLive('floor.updated', 's', whole);
  await breathe();
  assert.equal(watching.state, 'done');
  server.last.tellLive('floor.updated', 's', { agents: [], queues: [queue('support', 7, [])] });
  assert.deepEqual(seen, [0, 7]);
  assert.equal(floorOf(client)?.queues.get('support')?.Telephony.waiting, 7);
  assert.equal(client.model?.seq, 3, 'it is no event of the session');
  await client.watchFloor();
  assert.deepEqual(server.last.take(), [], 'it is watched already');
});

test('it is watched again over another connection', async () => {
  const made = await open();
  const watching = made.client.watchFloor();
  made.server.last.succeed(made.server.last.takeOne('session.request.watch'), 3);
  made.server.last.tellLive('floor.updated', 's', whole);
  await watching;
  const socket = comeBack(made, 3);
  assert.equal(floorOf(made.client), undefined, 'what was known may be old');
  socket.succeed(socket.takeOne('session.resume'), 3, { from: 4, to: 3 });
  await breathe();
  socket.succeed(socket.takeOne('session.request.watch'), 3);
  socket.tellLive('floor.updated', 's', { ...whole, agents: [agent('carol')] });
  assert.deepEqual([...(floorOf(made.client)?.agents.keys() ?? [])], ['carol']);
});

test('who may not watch is told so, also when it is asked again', async () => {
  const made = await open();
  const { client, server } = made;
  const problems: string[] = [];
  client.on('problem', (error) => problems.push(error.message));
  const refused = follow(client.watchFloor());
  server.last.fail(server.last.takeOne('session.request.watch'), 'permission.denied');
  await breathe();
  assert.equal(refused.state, 'permission.denied');
  assert.deepEqual(problems, []);

  const watching = client.watchFloor();
  server.last.succeed(server.last.takeOne('session.request.watch'), 3);
  server.last.tellLive('floor.updated', 's', whole);
  await watching;
  const socket = comeBack(made, 3);
  socket.succeed(socket.takeOne('session.resume'), 3, { from: 4, to: 3 });
  await breathe();
  socket.fail(socket.takeOne('session.request.watch'), 'invalid.state');
  await breathe();
  assert.equal(problems.length, 1);
  assert.equal(floorOf(client), undefined);
});

test('watching ends when it is told to, and with the session', async () => {
  const { client, server } = await open();
  const first = follow(client.watchFloor());
  server.last.succeed(server.last.takeOne('session.request.watch'), 3);
  const ended = follow(client.stopWatching());
  server.last.succeed(server.last.takeOne('session.request.endwatch'), 3);
  server.last.tellLive('floor.updated', 's', whole);
  await breathe();
  assert.equal(first.state, 'undefined undefined', 'UsageError');
  assert.equal(ended.state, 'done');
  assert.equal(floorOf(client), undefined);
  await client.stopWatching();
  assert.deepEqual(server.last.take(), []);

  const second = follow(client.watchFloor());
  server.last.tell(4, 'session.ended', 's', { reason: 'forced' });
  await breathe();
  assert.equal(second.state, 'forced unknown');
});
