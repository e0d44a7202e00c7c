// The server's end of one supervisor's session, played: for floors so large, so fast or so full of
// surprises that no real one is had for a test. It serves the page as the real one does.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FailureCode, FloorAgent, FloorQueue, PastInteraction } from '@cordboard/client';
import { type WebSocket, WebSocketServer } from 'ws';

const files = fileURLToPath(new URL('../../dist', import.meta.url));
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** src/front/desktop_files.cpp */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

interface Asked {
  readonly command: string;
  readonly target?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly id?: string;
}

export interface FloorUpdate {
  readonly whole?: true;
  readonly agents?: readonly FloorAgent[];
  readonly queues?: readonly FloorQueue[];
}

const session = 's-1';
const channel = `${session}.ch-1`;
const agent = { id: 'sue', name: 'Sue Super' };
const capabilities = ['hold', 'mute', 'dial', 'dtmf', 'consult', 'transfer', 'monitor'];

export class PlayedServer {
  /** What was asked for, but for what every session begins with. */
  readonly asked: Asked[] = [];
  /** What the next `session.request.watch` is told. */
  floor: FloorUpdate;
  /** What `session.request.history` is answered; a code: it fails. */
  past: readonly PastInteraction[] | FailureCode = [];
  readonly #http: Server;
  #socket: WebSocket | undefined;
  #seq = 0;
  #phone: Record<string, unknown> = {
    ...{ id: 'ch-1', endpoint: '1000', type: 'Telephony', state: 'INACTIVE' },
    ...{ agentState: 'NOT_READY', queues: ['support'] },
  };

  private constructor(http: Server, floor: FloorUpdate) {
    this.#http = http;
    this.floor = floor;
    new WebSocketServer({ server: http }).on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (text) => this.#answer(JSON.parse(String(text)) as Asked));
    });
  }

  static async start(floor: FloorUpdate): Promise<PlayedServer> {
    const http = createServer((request, response) => {
      const path = request.url === '/' ? '/index.html' : (request.url ?? '').split('?')[0];
      if (path === '/desktop.json') return void response.end('{}');
      const type = types[extname(path ?? '')];
      if (!type) return void response.writeHead(404).end();
      readFile(join(files, path ?? '')).then(
        (body) => {
          const headers = { 'Content-Type': type, 'Content-Security-Policy': policy };
          response.writeHead(200, headers).end(body);
        },
        () => response.writeHead(404).end(),
      );
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new PlayedServer(http, floor);
  }

  get url(): string {
    const address = this.#http.address();
    if (typeof address !== 'object' || address === null) throw new Error('It does not listen.');
    return `http://127.0.0.1:${address.port}`;
  }

  update(data: FloorUpdate): void {
    this.#say({
      ...{ messageType: 'objectEvent', name: 'floor.updated', target: session },
      data: { agents: [], queues: [], ...data },
      time: new Date().toISOString(),
    });
  }

  /** The supervisor's own phone is another one. */
  change(part: Readonly<Record<string, unknown>>): void {
    const { state, agentState } = this.#phone;
    const previous = { state, agentState };
    this.#phone = { ...this.#phone, ...part };
    this.#tell('channel.infochanged', channel, { channel: this.#phone });
    const now = { state: this.#phone['state'], agentState: this.#phone['agentState'] };
    this.#tell('state.updated', channel, { ...now, previous, cause: 'request' });
  }

  async stop(): Promise<void> {
    this.#socket?.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #say(message: object): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #tell(name: string, target: string, data: object): void {
    this.#seq += 1;
    const time = new Date().toISOString();
    this.#say({ messageType: 'objectEvent', target, name, data, seq: this.#seq, time });
  }

  #succeed({ command, target, id }: Asked, seq: number, data: object = {}): void {
    this.#say({ command, target, id, result: 'success', data, seq });
  }

  #fail(original: Asked, code: FailureCode): void {
    const { command, target, id } = original;
    const failure = { code, message: 'No.' };
    this.#say({ command, target, id, result: 'failure', failure, original });
  }

  #answer(asked: Asked): void {
    const { command } = asked;
    if (command === 'prepareSession') {
      this.#seq = 0;
      return this.#succeed(asked, 0, { session: { id: session }, resumeToken: 't' });
    }
    if (command === 'session.start') return this.#start(asked);
    if (command === 'session.snapshot') {
      return this.#succeed(asked, this.#seq, { session: this.#tree(), seq: this.#seq });
    }
    if (command === 'session.request.history') {
      const { past } = this;
      if (typeof past === 'string') return this.#fail(asked, past);
      return this.#succeed(asked, this.#seq, { interactions: past });
    }
    this.asked.push(asked);
    const data = asked.data ?? {};
    const [, mode] = /^channel\.request\.(monitor|whisper|barge)$/.exec(command) ?? [];
    if (command === 'session.request.directory') {
      return this.#succeed(asked, this.#seq, this.#directory());
    }
    if (command === 'session.request.watch') {
      this.#succeed(asked, this.#seq);
      return this.update({ whole: true, ...this.floor });
    }
    if (command === 'channel.activate') return this.#do(asked, { state: 'ACTIVE' });
    if (mode) return this.#do(asked, { monitoring: { agent: data['agent'], mode } });
    if (command.endsWith('endmonitor')) return this.#do(asked, { monitoring: undefined });
    this.#succeed(asked, this.#seq);
  }

  #do(asked: Asked, part: Readonly<Record<string, unknown>>): void {
    this.#succeed(asked, this.#seq + 2);
    this.change(part);
  }

  #start(asked: Asked): void {
    const { id, endpoint, type } = this.#phone;
    this.#succeed(asked, 5);
    this.#tell('channel.created', session, { channel: { id, endpoint, type } });
    this.change({});
    this.#tell('channel.initialized', channel, {});
    const reasons = [{ code: 'lunch', name: 'Lunch break' }];
    this.#tell('session.initialized', session, {
      ...{ agent, reasons, dispositions: [], capabilities, permissions: ['supervise'] },
    });
  }

  #tree(): object {
    return {
      ...{ id: session, state: 'LOGGED_IN', detached: false, agent, reasons: [] },
      ...{ dispositions: [], capabilities, permissions: ['supervise'], channelgroups: [] },
      channels: [{ ...this.#phone, interactions: [] }],
    };
  }

  #directory(): object {
    const state = ({ session: is, agentState, work }: FloorAgent) => {
      if (is === 'LOGGED_OUT') return 'LOGGED_OUT';
      return work ? 'BUSY' : (agentState ?? 'NOT_READY');
    };
    return {
      agents: (this.floor.agents ?? []).map((it) => ({
        ...{ id: it.id, name: it.name, endpoint: it.endpoint, state: state(it) },
      })),
      queues: (this.floor.queues ?? []).map(({ name }) => ({ name, numbers: ['1800'] })),
    };
  }
}
