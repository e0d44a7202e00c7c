// Ways into a session, with a real server: taking over, a ticket, and a gap.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { CordboardClient, type EndReason } from '../../src/index.js';
import { password, Server } from '../support/server.js';

let server: Server;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

function clientOf(agent: string): CordboardClient {
  return new CordboardClient({
    url: server.url,
    credentials: { id: agent, password },
    takeOver: ({ mayBeOwn }) => !mayBeOwn,
    WebSocket: WebSocket as never,
  });
}

test('a session is taken over, and the old client told', { timeout: 120_000 }, async () => {
  const [old, fresh] = [clientOf('sim-1'), clientOf('sim-1')];
  const ended = new Promise<EndReason>((resolve) => old.on('over', resolve));
  const { session } = await old.logIn();
  await old.ask('channel.activate', session.channels[0]?.target ?? '');
  const taken = await fresh.logIn();
  assert.equal(await ended, 'replaced');
  assert.notEqual(taken.session.id, session.id);
  assert.equal(taken.session.channels[0]?.state, 'ACTIVE');
  await fresh.logOut();
  assert.equal(fresh.status, 'over');
});

test('a ticket leads back, also when its events are not kept', { timeout: 120_000 }, async () => {
  const first = clientOf('sim-2');
  const { session } = await first.logIn();
  await first.ask('channel.activate', session.channels[0]?.target ?? '');
  const { ticket } = first;
  assert(ticket);
  first.close();

  const second = clientOf('sim-2');
  const back = await second.resume(ticket);
  assert.equal(back.session.id, session.id);
  assert.equal(back.session.channels[0]?.state, 'ACTIVE');
  second.close();

  const third = clientOf('sim-2');
  const anew = await third.resume({ ...ticket, seq: 1_000_000 });
  assert(anew.seq > 0);
  assert.deepEqual(anew.session.channels, back.session.channels);
  await third.logOut();
});
