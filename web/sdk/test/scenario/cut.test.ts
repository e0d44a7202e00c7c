// The SDK and a real server, with a connection that is cut at every message of an agent's work.
// After each cut the work goes on as if nothing had happened: the model is what the server's
// snapshot says, no event is missing or came twice, and every promise is settled once, with what
// is true.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import {
  allInteractions,
  CordboardClient,
  findConversation,
  findInteraction,
  type Interaction,
  type Model,
} from '../../src/index.js';
import { modelOfSnapshot } from '../../src/model.js';
import { type Cut, CuttingProxy } from '../support/cutting_proxy.js';
import { password, Server } from '../support/server.js';
import { snapshotOf } from '../support/snapshot.js';

let server: Server;
let lastAgent = 0;
before(async () => {
  server = await Server.start();
});
after(() => server.stop());

/** Resolves with the model as soon as `find` finds something in it. */
function until<Found>(client: CordboardClient, find: (model: Model) => Found | undefined) {
  return new Promise<Found>((resolve, reject) => {
    const look = (model: Model) => {
      const found = find(model);
      if (found !== undefined) resolve(found);
    };
    client.on('model', look);
    client.on('over', (reason) => reject(new Error(`over: ${reason}`)));
    if (client.model) look(client.model);
  });
}

/** What a client was told and has settled, to be compared in the end. */
class Witness {
  readonly seqs: number[] = [];
  readonly #client: CordboardClient;

  constructor(client: CordboardClient) {
    this.#client = client;
    client.on('event', (event) => {
      // After log-in with override a new session counts from 1 again.
      if (event.seq === 1) this.seqs.length = 0;
      this.seqs.push(event.seq);
      assert.equal(client.model?.seq, event.seq, 'the model has an event when it is told');
    });
  }

  async compare(): Promise<void> {
    const { model, ticket } = this.#client;
    assert(model && ticket);
    // From here on the session is another client's; a cut of a moment ago must not bring it back.
    this.#client.close();
    const whole = Array.from({ length: model.seq }, (_, i) => i + 1);
    assert.deepEqual(this.seqs, whole);
    const { session, seq } = await snapshotOf(server.port, ticket);
    const truth = modelOfSnapshot(session, seq);
    // What the session itself tells of losing and finding its connection has come since.
    assert.deepEqual(model.session.channels, truth.session.channels);
    assert.deepEqual(model.session.channelgroups, truth.session.channelgroups);
    assert.deepEqual(model.session.agent, truth.session.agent);
    assert.deepEqual(model.session.capabilities, truth.session.capabilities);
    assert.deepEqual(model.session.permissions, truth.session.permissions);
    assert.equal(model.session.state, truth.session.state);
  }
}

/** An agent's work: what each command promises is true in the model the moment it is settled. */
async function work(client: CordboardClient): Promise<void> {
  const model = () => client.model as Model;
  const whole = await client.logIn();
  assert.equal(whole.session.state, 'LOGGED_IN');
  const channel = whole.session.channels[0]?.target as string;
  await client.ask('channel.activate', channel);
  assert.equal(model().session.channels[0]?.state, 'ACTIVE');
  await client.ask('channel.ready', channel);
  const ringing = (it: Model) =>
    allInteractions(it).find((one) => one.conversations[0]?.members[0]);
  const offer: Interaction = await until(client, ringing);
  const talk = offer.conversations[0]?.target as string;
  const conversation = () => findConversation(model(), talk);

  await client.ask('conversation.answer', talk);
  assert.equal(conversation()?.state, 'CONNECTED');
  await client.ask('conversation.hold', talk);
  assert.equal(conversation()?.state, 'HELD');
  await client.ask('conversation.retrieve', talk);
  assert.equal(conversation()?.state, 'CONNECTED');
  const added = await client.ask('interaction.getdata', offer.target);
  assert.deepEqual(
    added['interaction-data'],
    findInteraction(model(), offer.target)?.['interaction-data'],
  );
  // Three at once: settled in their order, whatever is lost on the way.
  const order: string[] = [];
  await Promise.all([
    client.ask('conversation.request.mute', talk).then(() => order.push('mute')),
    client
      .ask('interaction.setdata', offer.target, { 'interaction-data': { order: 17 } })
      .then(() => order.push('data')),
    client.ask('conversation.request.unmute', talk).then(() => order.push('unmute')),
  ]);
  assert.deepEqual(order, ['mute', 'data', 'unmute']);
  assert.equal(conversation()?.muted, false);
  assert.equal(findInteraction(model(), offer.target)?.['interaction-data']['order'], 17);
  await assert.rejects(client.ask('conversation.dropmember', talk, { member: { id: 'm-0' } }), {
    code: 'target.not.found',
  });

  await client.ask('channel.notready', channel, { reason: { code: 'lunch' } });
  await client.ask('conversation.release', talk);
  assert.equal(findInteraction(model(), offer.target)?.state, 'ENDED');
  await client.ask('interaction.complete', offer.target, { notes: 'calls again' });
  assert.equal(findInteraction(model(), offer.target), undefined);
}

interface Run {
  readonly counts: CuttingProxy['counts'];
  readonly cuts: number;
}

async function run(cut?: Cut): Promise<Run> {
  const proxy = await CuttingProxy.start(server.port, cut);
  lastAgent += 1;
  const client = new CordboardClient({
    url: proxy.url,
    credentials: { id: `sim-${lastAgent}`, password },
    takeOver: () => true,
    WebSocket: WebSocket as never,
    backOff: { firstMs: 5, maxMs: 50 },
  });
  const witness = new Witness(client);
  try {
    await work(client);
    const counts = { ...proxy.counts };
    await witness.compare();
    return { counts, cuts: proxy.cuts };
  } finally {
    client.close();
    await proxy.stop();
  }
}

/** At once, so that waiting for each other's back-off costs little. */
async function all(cuts: readonly Cut[], atOnce: number): Promise<void> {
  const left = [...cuts];
  const work = async () => {
    for (let cut = left.shift(); cut; cut = left.shift()) {
      const what = `${cut.when} message ${cut.message} ${cut.direction}`;
      const done = await run(cut).catch((error) => {
        throw new Error(`cut ${what}: ${error.message}`, { cause: error });
      });
      assert.equal(done.cuts, 1, what);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

test('a day without a cut', async () => {
  const { counts } = await run();
  assert(counts['to-server'] >= 15 && counts['to-client'] >= 50, JSON.stringify(counts));
});

test('a cut at every message, in both directions, before and after it', {
  timeout: 300_000,
}, async () => {
  const { counts } = await run();
  const cuts: Cut[] = [];
  for (const direction of ['to-server', 'to-client'] as const) {
    for (let message = 0; message < counts[direction]; ++message) {
      cuts.push({ direction, message, when: 'before' }, { direction, message, when: 'after' });
    }
  }
  await all(cuts, 12);
});
