// A `cordboard serve` without telephony (docs/load.md): simulated callers, who never hang up.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const program =
  process.env['CORDBOARD_PROGRAM'] ??
  fileURLToPath(new URL('../../../../../build/release/bin/cordboard', import.meta.url));

export const password = 'xyzzy';

const configuration = (folder: string) => `
[server]
listen = "127.0.0.1:0"
drain = "0s"
[platform]
driver = "sim"
calls-per-minute = 6000
talk-min = "1h"
talk-max = "2h"
patience-max = "1h"
agents = 400
agent-password = "${password}"
[recording]
directory = "${folder}/recordings"
[journal]
path = "${folder}/journal.db"
[log]
level = "warn"
[[queue]]
name = "support"
numbers = ["1800"]
[[agent]]
id = "boss"
name = "The boss"
extension = "99"
phone = "sip:99@127.0.0.1"
password = "${password}"
permissions = ["supervise"]
`;

export class Server {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.port = port;
    this.#process = process;
    this.#folder = folder;
  }

  static async start(): Promise<Server> {
    const folder = await mkdtemp(join(tmpdir(), 'cordboard-sdk-'));
    const file = join(folder, 'cordboard.toml');
    await writeFile(file, configuration(folder));
    const child = spawn(program, ['serve', '--config', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /^listening http .*:(\d+)$/.exec(line)?.[1];
      if (port) return new Server(Number(port), child, folder);
    }
    throw new Error(`${program} did not start`);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1/agent`;
  }

  async stop(): Promise<void> {
    const isGone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGKILL');
    await isGone;
    await rm(this.#folder, { recursive: true });
  }
}
