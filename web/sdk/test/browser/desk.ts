// A real server with one agent whose browser is the phone, and a real Chromium with a page that
// uses the SDK as a desktop would.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { wavOf } from './tone.js';

const root = (path: string) => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));
const program = process.env['CORDBOARD_PROGRAM'] ?? root('build/release/bin/cordboard');

export const browserHz = 1_000;

const configuration = (folder: string, more: string) => `
[server]
listen = "127.0.0.1:0"
drain = "0s"
[sip]
listen = ["udp:127.0.0.1:0"]
[media]
address = "127.0.0.1"
ports = "20000-29999"
browser-silence = "2s"
browser-grace = "10s"
[recording]
directory = "${folder}/recordings"
automatic = true
[journal]
path = "${folder}/journal.db"
[log]
level = "info"
[[trunk]]
name = "carrier"
peers = ["127.0.0.1"]
[[queue]]
name = "support"
numbers = ["1800"]
[[agent]]
id = "alice"
password = "secret-alice"
extension = "1001"
phone-mode = "browser"
queues = ["support"]
${more}
`;

const page = `<!doctype html><meta charset="utf-8"><title>desk</title>
<script type="module">
import { CordboardClient, allChannels, allInteractions } from '/dist/index.js';
import { BrowserAudio } from '/dist/audio.js';

const desk = { problems: [], states: [], media: [] };
window.desk = desk;
desk.client = new CordboardClient({
  url: new URLSearchParams(location.search).get('url'),
  credentials: { id: 'alice', password: 'secret-alice' },
  takeOver: () => true,
});
const client = desk.client;
client.on('model', (model) => {
  sessionStorage.ticket = JSON.stringify(client.ticket);
  const media = allChannels(model)[0]?.media;
  if (media !== desk.media.at(-1)) desk.media.push(media);
});
client.on('over', () => sessionStorage.removeItem('ticket'));
desk.channel = () => allChannels(client.model)[0];
desk.call = () => allInteractions(client.model)[0];
desk.enter = async () => {
  const ticket = sessionStorage.ticket;
  await (ticket ? client.resume(JSON.parse(ticket)) : client.logIn());
  return desk.channel().target;
};
desk.listen = async (options = {}) => {
  const constraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const channel = desk.channel().target;
  desk.audio = new BrowserAudio({ client, channel, constraints, ...options });
  desk.audio.on('problem', (error) => desk.problems.push(error.code + ': ' + error.message));
  desk.audio.on('state', (state) => desk.states.push(state));
  await desk.audio.start();
};
desk.ready = async () => {
  await client.ask('channel.activate', desk.channel().target);
  await client.ask('channel.ready', desk.channel().target);
};
desk.answer = () => client.ask('conversation.answer', desk.call().conversations[0].target);
desk.ofCall = (command) => client.ask(command, desk.call().conversations[0].target);
let ear;
desk.share = (hz) => {
  const stream = desk.audio.remoteStream;
  if (!stream) return 0;
  if (ear?.stream !== stream) {
    const context = ear?.context ?? new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    context.createMediaStreamSource(stream).connect(analyser);
    ear = { stream, context, analyser };
  }
  const samples = new Float32Array(ear.analyser.fftSize);
  ear.analyser.getFloatTimeDomainData(samples);
  const turn = 2 * Math.cos(2 * Math.PI * hz / ear.context.sampleRate);
  let one = 0, two = 0, power = 0;
  for (const sample of samples) {
    [one, two] = [sample + turn * one - two, one];
    power += sample * sample;
  }
  if (power / samples.length < 1e-7) return 0;
  return 2 * (one * one + two * two - turn * one * two) / (power * samples.length);
};
desk.isLoaded = true;
</script>`;

/** The parts of `window.desk` that tests use; functions run in the page. */
export interface DeskWindow {
  desk: {
    isLoaded: boolean;
    problems: string[];
    states: string[];
    media: string[];
    client: import('../../src/index.js').CordboardClient;
    audio: import('../../src/audio.js').BrowserAudio;
    channel(): import('../../src/index.js').Channel;
    call(): import('../../src/index.js').Interaction | undefined;
    enter(): Promise<string>;
    listen(options?: object): Promise<void>;
    ready(): Promise<void>;
    answer(): Promise<unknown>;
    ofCall(command: string): Promise<unknown>;
    share(hz: number): number;
  };
}

export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patienceMs = 15_000,
): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within ${patienceMs} ms: ${what}`);
}

export class Desk {
  readonly page: Page;
  readonly sipPort: number;
  readonly #folder: string;
  readonly #server: ChildProcess;
  readonly #browser: Browser;
  readonly #pages: HttpServer;
  readonly #address: string;

  private constructor(parts: {
    page: Page;
    ports: { http: number; sip: number };
    folder: string;
    server: ChildProcess;
    browser: Browser;
    pages: HttpServer;
    address: string;
  }) {
    this.page = parts.page;
    this.sipPort = parts.ports.sip;
    this.#folder = parts.folder;
    this.#server = parts.server;
    this.#browser = parts.browser;
    this.#pages = parts.pages;
    this.#address = parts.address;
  }

  /** `without`: of the switches that give the browser a microphone, allowed and fake. */
  static async open(more = '', without = ''): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), 'cordboard-browser-'));
    await writeFile(join(folder, 'cordboard.toml'), configuration(folder, more));
    await writeFile(join(folder, 'tone.wav'), wavOf(browserHz, 2));
    const { server, ports } = await startServer(folder);
    const pages = await servePages();
    const { port } = pages.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/?url=ws://127.0.0.1:${ports.http}/v1/agent`;
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${folder}/tone.wav`,
        '--allow-loopback-in-peer-connection',
        '--autoplay-policy=no-user-gesture-required',
        '--disable-features=WebRtcHideLocalIpsWithMdns',
      ].filter((it) => without === '' || !it.includes(without)),
    });
    const page = await browser.newPage();
    page.on('pageerror', (error) => console.error(`page: ${error}`));
    const desk = new Desk({ page, ports, folder, server, browser, pages, address });
    await desk.load();
    return desk;
  }

  /** Loads the page, or loads it again. */
  async load(): Promise<void> {
    await this.page.goto(this.#address);
    await this.page.waitForFunction(() => (window as unknown as DeskWindow).desk?.isLoaded);
  }

  /** Runs in the page. */
  run<Out, In = undefined>(
    what: (desk: DeskWindow['desk'], input: In) => Out | Promise<Out>,
    input?: In,
  ): Promise<Out> {
    const given = input === undefined ? 'undefined' : JSON.stringify(input);
    return this.page.evaluate(`(${what})(window.desk, ${given})`) as Promise<Out>;
  }

  log(): Promise<string> {
    return readFile(join(this.#folder, 'server.log'), 'utf8');
  }
  journal(): Promise<Buffer> {
    return readFile(join(this.#folder, 'journal.db'));
  }

  /** The one recording there is, complete. */
  async recording(): Promise<Buffer> {
    const folder = join(this.#folder, 'recordings');
    const wavs = async () => (await readdir(folder)).filter((it) => it.endsWith('.wav'));
    await until('a recording', async () => (await wavs()).length === 1);
    return readFile(join(folder, (await wavs())[0] as string));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#pages.close();
    const isGone = once(this.#server, 'exit');
    this.#server.kill('SIGKILL');
    await isGone;
    await rm(this.#folder, { recursive: true });
  }
}

async function startServer(folder: string) {
  const server = spawn(program, ['serve', '--config', join(folder, 'cordboard.toml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ports = { http: 0, sip: 0 };
  const log: string[] = [];
  server.stderr.on('data', (text) => {
    log.push(String(text));
    void writeFile(join(folder, 'server.log'), log.join(''));
  });
  for await (const line of createInterface({ input: server.stdout })) {
    ports.http ||= Number(/^listening http .*:(\d+)$/.exec(line)?.[1] ?? 0);
    ports.sip ||= Number(/^listening sip udp:.*:(\d+)$/.exec(line)?.[1] ?? 0);
    if (ports.http && ports.sip) return { server, ports };
  }
  throw new Error(`${program} did not start: ${log.join('')}`);
}

async function servePages(): Promise<HttpServer> {
  const pages = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path === '/') return response.setHeader('Content-Type', 'text/html').end(page);
    if (!/^\/dist\/[\w/]+\.js$/.test(path)) return response.writeHead(404).end();
    response.setHeader('Content-Type', 'text/javascript');
    response.end(await readFile(root(`web/sdk${path}`)));
  });
  pages.listen(0, '127.0.0.1');
  await once(pages, 'listening');
  return pages;
}
