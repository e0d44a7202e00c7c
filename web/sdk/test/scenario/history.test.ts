// What an agent has done, out of a real server's history: theirs, and there again after a log-in.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { CordboardClient, type PastInteraction } from '../../src/index.js';
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
    WebSocket: WebSocket as never,
  });
}

/** The next call of the simulation, taken, released and completed. Gives its id. */
async function takeOneCall(client: CordboardClient, channel: string): Promise<string> {
  const offered = new Promise<string>((resolve) => {
    const leave = client.on('conversation.initialized', ({ target }) => {
      leave();
      resolve(target);
    });
  });
  await client.ask('channel.ready', channel);
  const conversation = await offered;
  const interaction = conversation.slice(0, conversation.lastIndexOf('.'));
  await client.ask('conversation.answer', conversation);
  await client.ask('channel.notready', channel);
  await client.ask('conversation.release', conversation);
  await client.ask('interaction.complete', interaction, { notes: 'calls again' });
  return interaction.slice(interaction.lastIndexOf('.') + 1);
}

/** What has just happened is there a moment later. */
async function historyOf(client: CordboardClient, ids: readonly string[]) {
  for (;;) {
    const { interactions } = await client.history();
    const done = interactions.filter((it) => it.completed !== undefined);
    if (done.length >= ids.length) return interactions;
    await pause(20);
  }
}

test("the agent's own, also after a new log-in", { timeout: 120_000 }, async () => {
  const begin = new Date(Date.now() - 1_000).toISOString();
  const first = clientOf('sim-1');
  const channel = (await first.logIn()).session.channels[0]?.target ?? '';
  assert.deepEqual((await first.history()).interactions, []);
  await first.ask('channel.activate', channel);
  const ids = [await takeOneCall(first, channel), await takeOneCall(first, channel)];
  await first.logOut();

  const second = clientOf('sim-1');
  await second.logIn();
  const past = await historyOf(second, ids);
  assert.deepEqual(
    past.map(({ id }) => id),
    [...ids].reverse(),
  );
  const [latest] = past as [PastInteraction];
  assert.equal(latest.outcome, 'handled');
  assert.equal(latest.notes, 'calls again');
  assert.equal(latest.queue, 'support');
  assert((latest.answered ?? '') >= latest.offered && latest.offered >= begin);
  for (const others of ['agent', 'recordings', 'legs']) assert(!(others in latest), others);

  const page = await second.history({ limit: 1, from: begin });
  assert.deepEqual(
    page.interactions.map(({ id }) => id),
    ids.slice(1),
  );
  const rest = await second.history({ limit: 1, ...(page.next && { after: page.next }) });
  assert.equal(rest.interactions[0]?.id, ids[0]);
  assert.equal(rest.next, undefined);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  assert.deepEqual((await second.history({ from: tomorrow })).interactions, []);
  await assert.rejects(second.history({ limit: 201 }), { code: 'invalid.request' });
  await assert.rejects(second.history({ after: 'elsewhere' }), { code: 'invalid.request' });

  const another = clientOf('sim-2');
  await another.logIn();
  assert.deepEqual((await another.history()).interactions, []);
  await another.logOut();
  await second.logOut();
});
