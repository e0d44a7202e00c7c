// A real server with real SIP peers: customers and phones are SIPp, with the scenarios of
// test/scenario/sipp. Each test has a world of its own.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Voice } from '../../../sdk/test/browser/voice.js';
import { freeUdpPort, Program, silentUdpPort } from './processes.js';
import { Wire } from './wire.js';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const program =
  process.env['CORDBOARD_PROGRAM'] ?? fromHere('../../../../build/release/bin/cordboard');
const scenarios = fromHere('../../../../test/scenario/sipp');
const files = fromHere('../../dist');

export const taskToken = 'a token for the systems of a test';
export const password = 'correct horse';

export interface WorldOptions {
  /** Lines of the configuration's [desktop]. */
  readonly desktop?: string;
}

export interface CustomerOptions {
  /** What the customer's telephone says of its owner. */
  readonly name?: string;
  readonly number?: string;
  /** Hangs up so long after the answer, in ms. Without it: waits to be hung up on. */
  readonly talksMs?: number;
  /** What the customer says and hears. Without it: silence. */
  readonly voice?: Voice;
}

interface Ports {
  readonly phone: number;
  readonly supervisor: number;
  readonly carrier: number;
  readonly audio: number;
}

function configuration(folder: string, ports: Ports, options: WorldOptions): string {
  const agent = (id: string, extension: string, name: string, more: string) => `
[[agent]]
id = "${id}"
name = "${name}"
password = "${password}"
extension = "${extension}"
${more}
`;
  const sip = (extension: string, port: number) => `phone = "sip:${extension}@127.0.0.1:${port}"`;
  const serves = 'queues = ["support"]';
  const supervises = 'permissions = ["supervise"]';
  return `
[server]
listen = "127.0.0.1:0"
drain = "0s"
[desktop]
files = "${files}"
${options.desktop ?? ''}
[sip]
listen = ["udp:127.0.0.1:0"]
[media]
address = "127.0.0.1"
ports = "20000-29999"
rtp-timeout = "0s"
browser-silence = "2s"
[recording]
directory = "${folder}/recordings"
[journal]
path = "${folder}/journal.db"
[log]
level = "warn"
[interactions]
token = "${taskToken}"
[[trunk]]
name = "carrier"
peers = ["127.0.0.1:${ports.carrier}", "127.0.0.1"]
[[route]]
numbers = ["9*"]
trunk = "carrier"
[[queue]]
name = "support"
numbers = ["1800"]
[[reason]]
id = "lunch"
name = "Lunch break"
[[reason]]
id = "training"
name = "Training"
[[disposition]]
id = "solved"
name = "Solved"
[[disposition]]
id = "callback"
name = "Will call back"
${agent('alice', '1001', 'Alice Adams', `${sip('1001', ports.phone)}\n${serves}`)}
${agent('bob', '1002', 'Bob Brown', `${sip('1002', ports.phone)}\n${serves}`)}
${agent('carol', '1003', 'Carol Clark', `phone-mode = "browser"\n${serves}`)}
${agent('sue', '1004', 'Sue Stone', `${sip('1004', ports.supervisor)}\n${supervises}`)}
`;
}

export class World {
  readonly wire: Wire;
  readonly #programs: Program[];
  readonly #folder: string;
  readonly #sipPort: number;
  readonly #supervisorPort: number;
  readonly #audio: { port: number; close(): void };

  private constructor(parts: {
    wire: Wire;
    programs: Program[];
    folder: string;
    sipPort: number;
    supervisorPort: number;
    audio: { port: number; close(): void };
  }) {
    this.wire = parts.wire;
    this.#programs = parts.programs;
    this.#folder = parts.folder;
    this.#sipPort = parts.sipPort;
    this.#supervisorPort = parts.supervisorPort;
    this.#audio = parts.audio;
  }

  /** The server, the agents' phones, and whoever is called outside; customers come by call(). */
  static async start(options: WorldOptions = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'cordboard-desktop-'));
    const audio = await silentUdpPort();
    const ports = {
      phone: await freeUdpPort(),
      supervisor: await freeUdpPort(),
      carrier: await freeUdpPort(),
      audio: audio.port,
    };
    const file = join(folder, 'cordboard.toml');
    await writeFile(file, configuration(folder, ports, options));
    const server = new Program(program, ['serve', '--config', file], folder);
    const http = Number(await server.printed(/^listening http .*:(\d+)$/m));
    const sipPort = Number(await server.printed(/^listening sip udp:.*:(\d+)$/m));
    const world = new World({
      wire: await Wire.to(http),
      programs: [server],
      folder,
      sipPort,
      supervisorPort: ports.supervisor,
      audio,
    });
    world.#phone(ports.phone, audio.port);
    world.#phone(ports.carrier, audio.port);
    return world;
  }

  get url(): string {
    return `http://127.0.0.1:${this.wire.port}`;
  }

  /** A customer calls the queue: from the carrier's address, as the trunk says. */
  async call(options: CustomerOptions = {}): Promise<Program> {
    const { name = 'Customer', number = '4930123456', talksMs, voice } = options;
    const base = talksMs === undefined ? 'customer.xml' : 'customer_hangs_up.xml';
    const text = await readFile(join(scenarios, base), 'latin1');
    const scenario = join(this.#folder, `customer-${this.#programs.length}.xml`);
    await writeFile(scenario, text.replaceAll('"Customer"', `"${name}"`));
    const port = await freeUdpPort();
    const duration = talksMs === undefined ? [] : ['-d', String(talksMs)];
    return this.#run(voice?.port ?? this.#audio.port, [
      ...['-sf', scenario, '-p', String(port), '-s', '1800', '-key', 'caller', number],
      ...['-m', '1', ...duration, `127.0.0.1:${this.#sipPort}`],
    ]);
  }

  /** Sue's phone, with what she says and hears. It is there from now on. */
  supervisorPhone(voice: Voice): void {
    this.#phone(this.#supervisorPort, voice.port);
  }

  /** What a system with chats and e-mails asks for: docs/protocol.md, section 10. */
  async offerTask(task: object): Promise<void> {
    const response = await fetch(`${this.url}/v1/interactions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${taskToken}` },
      body: JSON.stringify({ queue: 'support', ...task }),
    });
    if (!response.ok) throw new Error(await response.text());
  }

  async stop(): Promise<void> {
    this.wire.close();
    await Promise.all(this.#programs.map((it) => it.stop()));
    this.#audio.close();
    await rm(this.#folder, { recursive: true });
  }

  #phone(port: number, audioPort: number): void {
    const scenario = ['-sf', join(scenarios, 'phone.xml')];
    this.#run(audioPort, [...scenario, '-p', String(port), '-d', '50', '-m', '100']);
  }

  #run(audioPort: number, parameters: readonly string[]): Program {
    const audio = ['-key', 'tone_port', String(audioPort)];
    const all = ['-i', '127.0.0.1', '-nostdin', ...audio, ...parameters];
    const started = new Program('sipp', all, this.#folder);
    this.#programs.push(started);
    return started;
  }
}
