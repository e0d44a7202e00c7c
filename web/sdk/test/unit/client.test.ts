// The client over a server that the test plays, word by word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  announce,
  channel,
  comeBack,
  desk,
  follow,
  info,
  open,
  prepare,
  profile,
  snapshotOf,
} from '../support/desk.js';
import { breathe } from '../support/fake_server.js';

test('log-in is done when everything there is has been told', async () => {
  const { server, client } = desk();
  const entered = follow(client.logIn());
  server.last.open();
  await prepare(server.last);
  server.last.succeed(server.last.takeOne('session.start'), 3);
  server.last.tell(1, 'channel.created', 's', { channel });
  server.last.tell(2, 'channel.infochanged', 's.ch-1', { channel: info });
  await breathe();
  assert.equal(entered.state, 'open');
  assert.equal(client.status, 'starting');
  server.last.tell(3, 'session.initialized', 's', profile);
  await breathe();
  assert.equal(entered.state, 'done');
  assert.equal(client.model?.session.channels[0]?.target, 's.ch-1');
});

test('a command is done when its last event is in the model, not when it is answered', async () => {
  const { server, client } = await open();
  const asked = follow(client.ask('channel.ready', 's.ch-1'));
  server.last.succeed(server.last.takeOne('channel.ready'), 5);
  server.last.tell(4, 'channel.infochanged', 's.ch-1', { channel: info });
  await breathe();
  assert.equal(asked.state, 'open');
  server.last.tell(5, 'channel.initialized', 's.ch-1');
  await breathe();
  assert.equal(asked.state, 'done');
});

test('one that caused nothing is done at once, a refused one is refused at once', async () => {
  const { server, client } = await open();
  const ready = follow(client.ask('channel.ready', 's.ch-1'));
  const dial = follow(client.ask('channel.dial', 's.ch-1', { destination: '1002' }));
  const [first, second] = server.last.take();
  server.last.succeed(first ?? assert.fail(), 3);
  server.last.fail(second ?? assert.fail(), 'ongoing.interaction');
  await breathe();
  assert.equal(ready.state, 'done');
  assert.equal(dial.state, 'ongoing.interaction');
});

test('what was answered before a loss is done when its missed events have come', async () => {
  const made = await open();
  const asked = follow(made.client.ask('channel.ready', 's.ch-1'));
  made.server.last.succeed(made.server.last.takeOne('channel.ready'), 4);
  const socket = comeBack(made, 3);
  socket.succeed(socket.takeOne('session.resume'), 4, { from: 4, to: 4 });
  await breathe();
  assert.equal(asked.state, 'open');
  assert.equal(made.client.status, 'lost');
  socket.tell(4, 'channel.infochanged', 's.ch-1', { channel: info });
  await breathe();
  assert.equal(asked.state, 'done');
  assert.equal(made.client.status, 'open');
  assert.deepEqual(socket.take(), []);
});

test('what was not answered is sent again with its id, before what was asked since', async () => {
  const made = await open();
  const first = follow(made.client.ask('channel.ready', 's.ch-1'));
  const { id } = made.server.last.takeOne('channel.ready');
  made.server.last.lose();
  const second = follow(made.client.ask('channel.deactivate', 's.ch-1'));
  const socket = comeBack(made, 3);
  socket.succeed(socket.takeOne('session.resume'), 3, { from: 4, to: 3 });
  const [again, later] = socket.take();
  assert.deepEqual([again?.command, again?.id], ['channel.ready', id]);
  assert.equal(later?.command, 'channel.deactivate');
  socket.succeed(again ?? assert.fail(), 3);
  socket.fail(later ?? assert.fail(), 'ongoing.interaction');
  await breathe();
  assert.equal(first.state, 'done');
  assert.equal(second.state, 'ongoing.interaction');
});

test('waits longer after each try, and no longer after one that succeeded', async () => {
  const made = await open({ backOff: { firstMs: 100, maxMs: 300 } });
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 4; ++i) {
    made.server.last.lose();
    waits.push(made.server.due[0]);
    made.server.pass(1_000);
  }
  assert.deepEqual(waits, [75, 150, 225, 225]);
  made.server.last.open();
  const resume = made.server.last.takeOne('session.resume');
  made.server.last.succeed(resume, 3, { from: 4, to: 3 });
  made.server.last.lose();
  assert.equal(made.server.due[0], 75);
  made.client.hurry();
  assert.equal(made.server.sockets.length, 6);
});

test('after resume.gap everything is told anew, and what was asked goes on', async () => {
  const made = await open();
  const answered = follow(made.client.ask('channel.ready', 's.ch-1'));
  made.server.last.succeed(made.server.last.takeOne('channel.ready'), 4);
  const asked = follow(made.client.ask('channel.deactivate', 's.ch-1'));
  const socket = comeBack(made, 3);
  socket.take();
  socket.lose();
  const other = comeBack(made, 3);
  other.fail(other.takeOne('session.resume'), 'resume.gap');
  const start = other.takeOne('session.start');
  other.succeed(start, 42);
  other.tell(40, 'channel.created', 's', { channel });
  await breathe();
  assert.equal(answered.state, 'open', 'the model is not whole yet');
  other.tell(41, 'channel.infochanged', 's.ch-1', { channel: info });
  other.tell(42, 'session.initialized', 's', profile);
  await breathe();
  assert.equal(answered.state, 'done');
  other.succeed(other.takeOne('channel.deactivate'), 42);
  await breathe();
  assert.equal(asked.state, 'done');
  assert.deepEqual(made.seqs, [1, 2, 3, 40, 41, 42]);
});

test('a hole is filled from a snapshot, and what came meanwhile is kept', async () => {
  const { server, client, seqs } = await open();
  const asked = follow(client.ask('channel.ready', 's.ch-1'));
  server.last.succeed(server.last.takeOne('channel.ready'), 5);
  server.last.tell(6, 'channel.infochanged', 's.ch-1', {
    channel: { ...info, agentState: 'BUSY' },
  });
  const snapshot = server.last.takeOne('session.snapshot');
  server.last.tell(7, 'channel.initialized', 's.ch-1');
  server.last.succeed(snapshot, 6, { session: snapshotOf('BUSY'), seq: 6 });
  await breathe();
  assert.equal(asked.state, 'done');
  assert.equal(client.model?.session.channels[0]?.agentState, 'BUSY');
  assert.equal(client.model?.seq, 7);
  assert.deepEqual(seqs, [1, 2, 3, 7]);
});

test('an event that came twice counts once', async () => {
  const { server, seqs } = await open();
  server.last.tell(4, 'channel.initialized', 's.ch-1');
  server.last.tell(4, 'channel.initialized', 's.ch-1');
  assert.deepEqual(seqs, [1, 2, 3, 4]);
});

test('a connection that says nothing is tried, and lost', async () => {
  const { server, client } = await open({ checkMs: 30_000, answerMs: 15_000 });
  server.pass(30_000);
  server.last.succeed(server.last.takeOne('session.snapshot'), 3, {
    session: snapshotOf('READY'),
    seq: 3,
  });
  server.pass(30_000);
  server.last.takeOne('session.snapshot');
  server.pass(14_999);
  assert.equal(client.status, 'open');
  server.pass(1);
  assert.equal(client.status, 'lost');
});

test('whoever has a session elsewhere is asked, and may take it over', async () => {
  const questions: unknown[] = [];
  const takeOver = (question: unknown) => questions.push(question) === 2;
  const { server, client } = desk({ takeOver });
  client.logIn().catch(() => {});
  server.last.open();
  await breathe();
  server.last.takeOne('prepareSession');
  server.last.lose();
  server.pass(1_000);
  server.last.open();
  await breathe();
  const { command, id } = server.last.takeOne('prepareSession');
  server.last.say({ command, id, result: 'confirm', message: 'Elsewhere.', original: {} });
  await breathe();
  assert.deepEqual(questions, [{ message: 'Elsewhere.', mayBeOwn: true }]);
  assert.equal(client.status, 'over');

  const other = desk({ takeOver });
  other.client.logIn().catch(() => {});
  other.server.last.open();
  await breathe();
  const asked = other.server.last.takeOne('prepareSession');
  other.server.last.say({ ...asked, result: 'confirm', message: 'Elsewhere.', original: {} });
  await breathe();
  assert.equal(other.server.last.takeOne('prepareSession').data['override'], true);
  assert.deepEqual(questions[1], { message: 'Elsewhere.', mayBeOwn: false });
});

test('nobody is taken over unasked', async () => {
  const { server, client } = desk();
  const entered = client.logIn();
  server.last.open();
  await breathe();
  const asked = server.last.takeOne('prepareSession');
  server.last.say({ ...asked, result: 'confirm', message: 'Elsewhere.', original: {} });
  await assert.rejects(entered, { name: 'TakeoverDeclinedError' });
});

test('a refused token is asked for once more', async () => {
  const asked: boolean[] = [];
  const credentials = async ({ isRefused }: { isRefused: boolean }) => {
    asked.push(isRefused);
    return { token: isRefused ? 'fresh' : 'old' };
  };
  const { server, client } = desk({ credentials });
  const entered = client.logIn();
  server.last.open();
  await breathe();
  server.last.fail(server.last.takeOne('prepareSession'), 'authentication.failed');
  await breathe();
  const again = server.last.takeOne('prepareSession');
  assert.deepEqual(again.data, { agent: { token: 'fresh' } });
  server.last.fail(again, 'authentication.failed');
  await assert.rejects(entered, { name: 'CommandError', code: 'authentication.failed' });
  assert.deepEqual(asked, [false, true]);
});

test('a server that cannot be reached is given up after so many tries', async () => {
  const { server, client } = desk({ logInTriesMax: 3 });
  const entered = client.logIn();
  for (let i = 0; i < 3; ++i) {
    server.last.lose();
    server.pass(60_000);
  }
  await assert.rejects(entered, { name: 'UnreachableError' });
  assert.equal(server.sockets.length, 3);
  assert.deepEqual(server.due, []);
});

test('the end of a session settles everything', async () => {
  const made = await open();
  const asked = follow(made.client.ask('channel.ready', 's.ch-1'));
  const out = follow(made.client.logOut());
  made.server.last.tell(4, 'session.ended', 's', { reason: 'logout' });
  await breathe();
  assert.equal(asked.state, 'logout unknown');
  assert.equal(out.state, 'done');
  assert.deepEqual(made.ended, ['logout']);
  assert.equal(made.server.last.isClosed, true);
  assert.deepEqual(made.server.due, []);
  await assert.rejects(made.client.ask('channel.ready', 's.ch-1'), { name: 'UsageError' });
});

test('a session that is not there any more cannot be resumed', async () => {
  const made = await open();
  made.server.last.lose();
  const unsent = follow(made.client.ask('channel.ready', 's.ch-1'));
  const socket = comeBack(made, 3);
  socket.fail(socket.takeOne('session.resume'), 'authentication.failed');
  await breathe();
  assert.equal(unsent.state, 'lost not-sent');
  assert.deepEqual(made.ended, ['lost']);
});

test('who wishes logs in again, to a new session', async () => {
  const made = await open({ logsInAgain: true });
  made.server.last.tell(4, 'session.ended', 's', { reason: 'shutdown' });
  made.server.pass(1_000);
  made.server.last.open();
  await prepare(made.server.last);
  made.server.last.succeed(made.server.last.takeOne('session.start'), 3);
  announce(made.server.last, 1);
  assert.equal(made.client.status, 'open');
  assert.deepEqual(made.ended, []);
});

test('a session that another connection has resumed is left to it', async () => {
  const made = await open();
  made.server.last.lose(4002);
  assert.deepEqual(made.ended, ['moved']);
  assert.deepEqual(made.server.due, []);
});

test('a ticket brings another client back, to a model from a snapshot', async () => {
  const { client, server, seqs } = desk();
  const entered = client.resume({ session: 's', resumeToken: 't', seq: 3 });
  server.last.open();
  const resume = server.last.takeOne('session.resume');
  server.last.succeed(resume, 4, { from: 4, to: 4 });
  server.last.tell(4, 'channel.initialized', 's.ch-1');
  const snapshot = server.last.takeOne('session.snapshot');
  server.last.succeed(snapshot, 4, { session: snapshotOf('READY'), seq: 4 });
  assert.equal((await entered).seq, 4);
  server.last.tell(5, 'channel.initialized', 's.ch-1');
  assert.deepEqual(seqs, [5]);
  assert.deepEqual(client.ticket, { session: 's', resumeToken: 't', seq: 5 });
});

test('bounds: commands, their length, held events', async () => {
  const { server, client } = await open({ pendingMax: 2, heldEventsMax: 2 });
  const long = { destination: '1'.repeat(65_536) };
  await assert.rejects(client.ask('channel.dial', 's.ch-1', long), { bound: 'messageBytesMax' });
  follow(client.ask('channel.ready', 's.ch-1'));
  follow(client.ask('channel.ready', 's.ch-1'));
  await assert.rejects(client.ask('channel.ready', 's.ch-1'), { bound: 'pendingMax' });
  const problems: unknown[] = [];
  client.on('problem', (error) => problems.push(error.name));
  for (const seq of [10, 11, 12]) server.last.tell(seq, 'channel.initialized', 's.ch-1');
  assert.deepEqual(problems, ['LimitError']);
  assert.equal(client.status, 'lost');
});

test('what is not of the protocol is told, and another connection tried', async () => {
  const { server, client } = await open();
  const problems: unknown[] = [];
  client.on('problem', (error) => problems.push(error.name));
  server.last.say([]);
  assert.deepEqual(problems, ['ProtocolError']);
  assert.equal(client.status, 'lost');
});

test('what a connection says after its end is not heard', async () => {
  const made = await open();
  const old = made.server.last;
  comeBack(made, 3);
  old.tell(4, 'channel.initialized', 's.ch-1');
  old.lose(4001);
  assert.deepEqual(made.seqs, [1, 2, 3]);
  assert.deepEqual(made.ended, []);
});

test('a listener may close the client, and may ask for more', async () => {
  const made = await open();
  const more: { state: string }[] = [];
  made.client.on('status', () => more.push(follow(made.client.ask('channel.ready', 's.ch-1'))));
  const socket = comeBack(made, 3);
  socket.succeed(socket.takeOne('session.resume'), 3, { from: 4, to: 3 });
  assert.deepEqual(
    socket.take().map((it) => it.command),
    ['channel.ready', 'channel.ready'],
  );
  made.client.on('event', () => made.client.close());
  socket.tell(4, 'channel.initialized', 's.ch-1');
  await breathe();
  assert.deepEqual(
    more.map((it) => it.state),
    ['closed unknown', 'closed unknown', 'undefined undefined'],
  );
});

test('the history is asked for of the session, a page at a time', async () => {
  const { server, client } = await open();
  const first = client.history({ from: '2026-11-22T00:00:00.000Z', limit: 1 });
  const asked = server.last.takeOne('session.request.history');
  assert.equal(asked.target, 's');
  assert.deepEqual(asked.data, { from: '2026-11-22T00:00:00.000Z', limit: 1 });
  const call = { id: 'i-5', type: 'Telephony', direction: 'INBOUND', endpoint: '1001' };
  server.last.succeed(asked, 3, { ...asked.data, interactions: [call], next: '7-1' });
  const { interactions, next } = await first;
  assert.equal(interactions[0]?.id, 'i-5');
  assert.equal(next, '7-1');

  const refused = follow(client.history());
  const more = server.last.takeOne('session.request.history');
  assert.deepEqual(more.data, {});
  server.last.fail(more, 'unsupported');
  await breathe();
  assert.equal(refused.state, 'unsupported');
});
