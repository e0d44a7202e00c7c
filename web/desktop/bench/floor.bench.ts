// From a message's arrival in the page to the frame that shows it: a floor of 500 agents, of whom a
// thousand change each second. The page is the real one; the server's end is played.
//
// Each update changes a row in sight, whose caller is the update's number. The clock starts when
// the browser hands the message out, and stops in the first task after the frame in which that
// number is in the page: laid out and painted, as far as the page's own thread does that.
import { loadavg } from 'node:os';
import { type Page, test } from '@playwright/test';
import { largeFloor, someAgent } from '../test/support/large_floor.js';
import { PlayedServer } from '../test/support/played_server.js';

const agents = 500;
const changesPerS = 1000;
const lastsMs = 20_000;

declare global {
  interface Window {
    arrivals: Map<number, number>;
    latencies: number[];
  }
}

/** In the page: notes when each numbered update comes, and when a frame has shown it. */
function watchTheClock(): void {
  window.arrivals = new Map();
  window.latencies = [];
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener('message', ({ data }) => {
        const number = /"from":"number (\d+)"/.exec(String(data))?.[1];
        if (number !== undefined) window.arrivals.set(Number(number), performance.now());
      });
    }
  };
  const afterTheFrame = new MessageChannel();
  afterTheFrame.port1.onmessage = ({ data }: MessageEvent<number>) => {
    const now = performance.now();
    for (const [number, arrived] of window.arrivals) {
      // What came later in the same frame has taken the place of what came before.
      if (number > data) break;
      window.latencies.push(now - arrived);
      window.arrivals.delete(number);
    }
  };
  const look = () => {
    const text = document.querySelector('[data-agent="agent-20"] .agent-work')?.textContent;
    const number = /number (\d+)/.exec(text ?? '')?.[1];
    if (number !== undefined) afterTheFrame.port2.postMessage(Number(number));
  };
  document.addEventListener('DOMContentLoaded', () => {
    const options = { subtree: true, childList: true, characterData: true };
    new MutationObserver(look).observe(document.body, options);
  });
}

async function lookAtTheFloor(page: Page, url: string, order: string): Promise<void> {
  await page.addInitScript(watchTheClock);
  await page.goto(url);
  await page.getByLabel('Agent').fill('sue');
  await page.getByLabel('Password').fill('-');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Floor' }).click();
  await page.locator('[data-agent="agent-20"]').waitFor();
  await page.getByRole('button', { name: /Order/ }).click();
  await page.getByRole('option', { name: order }).click();
}

/** So many updates a second, until the time is over. */
async function feed(server: PlayedServer, updatesPerS: number): Promise<void> {
  const rows = changesPerS / updatesPerS;
  const begunMs = performance.now();
  let sent = 0;
  let turn = 0;
  const marker = someAgent(20, Date.now());
  while (performance.now() - begunMs < lastsMs) {
    const due = Math.floor(((performance.now() - begunMs) * updatesPerS) / 1000);
    for (; sent < due; sent += 1) {
      const work = marker.work?.map((it) => ({ ...it, from: `number ${sent}` })) ?? [];
      const others = Array.from({ length: rows - 1 }, () => {
        turn += 1;
        // Never the marker itself; the others go round.
        return someAgent(21 + ((turn * 7) % (agents - 21)), Date.now(), turn);
      });
      server.update({ agents: [{ ...marker, work }, ...others] });
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function at(sorted: readonly number[], share: number): string {
  const index = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return (sorted[index] ?? Number.NaN).toFixed(1);
}

for (const [updatesPerS, order] of [
  [10, 'Name'],
  [10, 'Longest first'],
  [1000, 'Name'],
] as const) {
  test(`${updatesPerS} updates a second, ordered by ${order}`, async ({ page }) => {
    const server = await PlayedServer.start(largeFloor(agents, Date.now()));
    await lookAtTheFloor(page, server.url, order);
    await feed(server, updatesPerS);
    await page.waitForTimeout(500);
    const latencies = await page.evaluate(() => window.latencies);
    await server.stop();
    const sorted = latencies.sort((one, other) => one - other);
    console.log(
      `MEASURED ${JSON.stringify({
        ...{ updatesPerS, rowsEach: changesPerS / updatesPerS, order, shown: sorted.length },
        ...{ p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99), mostMs: at(sorted, 1) },
        load: loadavg()[0]?.toFixed(1),
      })}`,
    );
  });
}
