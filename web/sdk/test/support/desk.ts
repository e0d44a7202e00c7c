// A client that is logged in at a server which the test plays.
import assert from 'node:assert/strict';
import { type ClientOptions, CordboardClient, type EndReason } from '../../src/index.js';
import { breathe, FakeServer, type FakeSocket } from './fake_server.js';

export const profile = {
  ...{ agent: { id: 'a', name: 'A' }, reasons: [], dispositions: [] },
  ...{ capabilities: [], permissions: ['supervise'] },
};
export const channel = { id: 'ch-1', endpoint: '1001', type: 'Telephony' };
export const info = { ...channel, state: 'ACTIVE', agentState: 'READY', queues: [] };
export const snapshotOf = (agentState: string) => ({
  ...{ id: 's', state: 'LOGGED_IN', detached: false, ...profile, channelgroups: [] },
  channels: [{ ...info, agentState, interactions: [] }],
});

export interface Desk {
  readonly server: FakeServer;
  readonly client: CordboardClient;
  readonly ended: EndReason[];
  readonly seqs: number[];
}

export function desk(options: Partial<ClientOptions> = {}): Desk {
  const server = new FakeServer();
  const client = new CordboardClient({
    url: 'ws://test',
    credentials: { id: 'a', password: 'p' },
    WebSocket: server.WebSocket,
    timers: server.timers,
    random: () => 0.5,
    ...options,
  });
  const ended: EndReason[] = [];
  const seqs: number[] = [];
  client.on('over', (reason) => ended.push(reason));
  client.on('event', ({ seq }) => seqs.push(seq));
  return { server, client, ended, seqs };
}

export async function prepare(socket: FakeSocket): Promise<void> {
  await breathe();
  const request = socket.takeOne('prepareSession');
  socket.succeed(request, 0, { session: { id: 's' }, resumeToken: 't', seq: 0 });
}

/** Everything there is, from the event `seq` on; the last one is seq + 2. */
export function announce(socket: FakeSocket, seq: number): void {
  socket.tell(seq, 'channel.created', 's', { channel });
  socket.tell(seq + 1, 'channel.infochanged', 's.ch-1', { channel: info });
  socket.tell(seq + 2, 'session.initialized', 's', profile);
}

export async function open(options: Partial<ClientOptions> = {}): Promise<Desk> {
  const made = desk(options);
  const entered = made.client.logIn();
  const { last } = made.server;
  last.open();
  await prepare(last);
  last.succeed(last.takeOne('session.start'), 3);
  announce(last, 1);
  await entered;
  return made;
}

/** The connection is lost and there is another, whose session.resume has been asked. */
export function comeBack({ server }: Desk, after: number): FakeSocket {
  server.last.lose();
  server.pass(1_000);
  server.last.open();
  const { data } = server.last.asked.at(-1) ?? assert.fail();
  assert.deepEqual(data, { resumeToken: 't', after });
  return server.last;
}

/** Whether a promise is settled, and how. */
export function follow(promise: Promise<unknown>): { state: string } {
  const it = { state: 'open' };
  promise.then(
    () => (it.state = 'done'),
    (error) => (it.state = error.code ?? `${error.reason} ${error.outcome}`),
  );
  return it;
}
