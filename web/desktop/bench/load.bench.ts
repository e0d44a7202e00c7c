// How soon the desktop is there: from the navigation to a log-in that can be filled in, and from
// pressing its button to the desk. A real server on the same machine, an agent with a SIP phone.
//
// Each time ends in the first task after the frame in which what is waited for is in the page: laid
// out and painted, as far as the page's own thread does that. `empty`: nothing of the page is kept
// in the browser yet; `kept`: it has been opened before.
import { loadavg } from 'node:os';
import { type Page, test } from '@playwright/test';
import { logIn } from '../test/support/pages.js';
import { World } from '../test/support/world.js';

const runs = 15;

declare global {
  interface Window {
    /** In ms since the navigation. */
    logInAtMs?: number;
    pressedAtMs?: number;
    deskAtMs?: number;
  }
}

/** In the page. */
function watchTheClock(): void {
  const afterTheFrame = (act: () => void) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = act;
    requestAnimationFrame(() => channel.port2.postMessage(undefined));
  };
  const seen = new Set<string>();
  const note = (name: 'logInAtMs' | 'deskAtMs', selector: string) => {
    if (seen.has(name) || !document.querySelector(selector)) return;
    seen.add(name);
    afterTheFrame(() => {
      window[name] = performance.now();
    });
  };
  const look = () => {
    note('logInAtMs', 'form button[type="submit"]:enabled');
    note('deskAtMs', 'button.state');
  };
  document.addEventListener('DOMContentLoaded', () => {
    look();
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
  });
  document.addEventListener('pointerdown', ({ timeStamp }) => {
    window.pressedAtMs = timeStamp;
  });
}

async function noted(page: Page, name: 'logInAtMs' | 'deskAtMs'): Promise<number> {
  const handle = await page.waitForFunction((it) => window[it], name);
  return (await handle.jsonValue()) ?? Number.NaN;
}

function summary(times: readonly number[]): object {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (index: number) => Number((sorted[index] ?? Number.NaN).toFixed(0));
  return { medianMs: at(Math.floor(sorted.length / 2)), mostMs: at(sorted.length - 1) };
}

test('load time', async ({ browser }) => {
  test.setTimeout(600_000);
  const world = await World.start();
  const times = { empty: [] as number[], kept: [] as number[], desk: [] as number[] };
  for (let run = 0; run < runs; run += 1) {
    const context = await browser.newContext({ locale: 'en-US' });
    const page = await context.newPage();
    await page.addInitScript(watchTheClock);
    await page.goto(world.url);
    times.empty.push(await noted(page, 'logInAtMs'));
    await logIn(page, world);
    times.kept.push(await noted(page, 'logInAtMs'));
    const deskAtMs = await noted(page, 'deskAtMs');
    times.desk.push(deskAtMs - (await page.evaluate(() => window.pressedAtMs ?? Number.NaN)));
    await page.getByRole('button', { name: /Menu of/ }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByText('You have logged out.').waitFor();
    await context.close();
  }
  await world.stop();
  const measured = Object.entries(times).map(([name, it]) => [name, summary(it)]);
  const load = loadavg()[0]?.toFixed(1);
  console.log(`MEASURED ${JSON.stringify({ runs, ...Object.fromEntries(measured), load })}`);
});
