// A supervisor watches agents and queues of a real server, also over another connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { CordboardClient, type Floor, type FloorAgent } from '../../src/index.js';
import { CuttingProxy } from '../support/cutting_proxy.js';
import { password, Server } from '../support/server.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

function clientOf(agent: string, url = server.url): CordboardClient {
  return new CordboardClient({
    url,
    credentials: { id: agent, password },
    backOff: { firstMs: 10, maxMs: 100 },
    WebSocket: WebSocket as never,
  });
}

/** The floor as soon as it is as wanted. */
function floorWith(
  client: CordboardClient,
  isWanted: (floor: Floor) => boolean | undefined,
): Promise<Floor> {
  return new Promise((resolve) => {
    const stop = client.on('floor', take);
    function take(floor: Floor): void {
      if (!isWanted(floor)) return;
      stop();
      resolve(floor);
    }
    if (client.floor) take(client.floor);
  });
}

const agentWith = (id: string, is: (agent: FloorAgent) => boolean | undefined) => (floor: Floor) =>
  is(floor.agents.get(id) ?? assert.fail(id));

test('a supervisor sees an agent take a call', { timeout: 120_000 }, async () => {
  const boss = clientOf('boss');
  const { session } = await boss.logIn();
  assert.deepEqual(session.permissions, ['supervise']);
  const floor = await boss.watchFloor();
  assert.equal(floor.agents.size, 401);
  assert.equal(floor.agents.get('sim-1')?.session, 'LOGGED_OUT');
  assert.equal(floor.agents.get('boss')?.name, 'The boss');
  assert.deepEqual([...floor.queues.keys()], ['support']);

  const agent = clientOf('sim-1');
  const channel = (await agent.logIn()).session.channels[0]?.target ?? '';
  await floorWith(
    boss,
    agentWith('sim-1', (it) => it.session === 'LOGGED_IN'),
  );
  await agent.ask('channel.activate', channel);
  const offered = new Promise<string>((resolve) =>
    agent.on('conversation.initialized', ({ target }) => resolve(target)),
  );
  await agent.ask('channel.ready', channel);
  const conversation = await offered;
  const rings = await floorWith(
    boss,
    agentWith('sim-1', (it) => it.work?.[0] !== undefined),
  );
  assert.equal(rings.agents.get('sim-1')?.agentState, 'RESERVED');
  assert.equal(rings.agents.get('sim-1')?.work?.[0]?.queue, 'support');

  await agent.ask('conversation.answer', conversation);
  await agent.ask('conversation.hold', conversation);
  const held = await floorWith(
    boss,
    agentWith('sim-1', (it) => it.work?.[0]?.held),
  );
  assert.equal(held.agents.get('sim-1')?.work?.[0]?.state, 'STARTED');
  const calls = held.queues.get('support')?.Telephony;
  assert.equal(calls?.answered, 1);
  assert.equal(calls?.serviceLevel.of, 1);
  assert.equal(calls?.quarters.at(-1)?.answered, 1);
  assert((calls?.waiting ?? 0) > 0, 'callers of the simulation wait');
  assert((calls?.oldest ?? '') > '2020');

  const directory = await agent.ask('session.request.directory', agent.ticket?.session ?? '');
  assert.equal(directory.agents.find(({ id }) => id === 'sim-1')?.state, 'BUSY');
  assert.equal(directory.agents.find(({ id }) => id === 'sim-2')?.state, 'LOGGED_OUT');
  assert.deepEqual(directory.queues, [{ name: 'support', numbers: ['1800'] }]);
  agent.close();
  await floorWith(
    boss,
    agentWith('sim-1', (it) => it.session === 'DETACHED'),
  );
  await boss.stopWatching();
  await boss.logOut();
});

test('it goes on over another connection', { timeout: 120_000 }, async () => {
  const agent = clientOf('sim-2');
  const proxy = await CuttingProxy.start(server.port);
  const boss = clientOf('boss', proxy.url);
  await boss.logIn();
  await boss.watchFloor();
  const isLost = new Promise((resolve) => boss.on('status', (it) => it === 'lost' && resolve(it)));
  proxy.cutNow();
  await isLost;
  await agent.logIn();
  await floorWith(
    boss,
    agentWith('sim-2', (it) => it.session === 'LOGGED_IN'),
  );
  await boss.logOut();
  await agent.logOut();
  await proxy.stop();
});

test('an agent who is no supervisor may not look', { timeout: 120_000 }, async () => {
  const agent = clientOf('sim-3');
  await agent.logIn();
  await assert.rejects(agent.watchFloor(), { code: 'permission.denied' });
  await agent.logOut();
});
