// The supervisor's view, of a floor that is played: large, and as fast as is wished.
import type { Page } from '@playwright/test';
import { largeFloor, nameOf, someAgent } from '../support/large_floor.js';
import { actOn, test as base, examine, expect, password } from '../support/pages.js';
import { PlayedServer } from '../support/played_server.js';

const test = base.extend<{ server: PlayedServer }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants it so
  server: async ({}, use) => {
    const server = await PlayedServer.start(largeFloor(500, Date.now()));
    await use(server);
    await server.stop();
  },
});

async function lookAtTheFloor(page: Page, server: PlayedServer): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel('Agent').fill('sue');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: 'Floor' }).click();
  await page.locator('[data-agent]').first().waitFor();
}

const row = (page: Page, name: string) => page.getByRole('row', { name }).first();

const searched = (page: Page) => page.getByLabel('Name, extension or caller');

test('five hundred agents are found, filtered and sorted', async ({ page, server }) => {
  await lookAtTheFloor(page, server);
  const rows = page.locator('[data-agent]');
  expect(await rows.count()).toBeLessThan(60);
  await expect(page.getByRole('radio', { name: /All 500/ })).toBeChecked();
  await expect(page.getByRole('grid')).toHaveAttribute('aria-rowcount', '500');

  await searched(page).fill('2041');
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText(nameOf(41));
  await searched(page).fill('nobody at all');
  await expect(page.getByText('Nothing is as you have chosen.')).toBeVisible();
  await searched(page).fill('');

  await page.getByRole('radio', { name: /Not logged in/ }).click();
  await expect(rows.first()).toContainText('Not logged in');
  await page.getByRole('radio', { name: /^All/ }).click();
  await page.getByRole('button', { name: /Order/ }).click();
  await page.getByRole('option', { name: 'State' }).click();
  await expect(rows.first()).toContainText('Ready');
});

test('what changes is seen, and what it waits for ticks', async ({ page, server }) => {
  await lookAtTheFloor(page, server);
  await searched(page).fill('2000');
  const one = page.locator('[data-agent="agent-0"]');
  await expect(one).toContainText('Ready');
  const now = new Date().toISOString();
  const busy = { ...someAgent(0, Date.now(), 5), since: now };
  const [work] = busy.work ?? [];
  if (!work) throw new Error('There is no work.');
  server.update({
    agents: [
      { ...busy, work: [{ ...work, from: 'Ann Other', since: now }], monitoredBy: ['agent-1'] },
    ],
  });
  await expect(one).toContainText('Busy 0:0');
  await expect(one).toContainText('Ann Other · support');
  await expect(one).toContainText(`${nameOf(1)} is listening`);
  await expect(one).toContainText('Busy 0:02');

  const [first] = largeFloor(0, Date.now()).queues;
  const figures = first?.Telephony;
  if (!first || !figures) throw new Error('There is no queue.');
  const agents = { ready: 0, busy: 9, notReady: 0 };
  server.update({
    queues: [{ ...first, Telephony: { ...figures, waiting: 9, oldest: now, agents } }],
  });
  const queue = page.locator('.queue').first();
  await expect(queue).toContainText('9 waiting');
  await expect(queue).toContainText('Nobody is free');
});

test('listening needs the own phone, and says who hears', async ({ page, server }) => {
  await lookAtTheFloor(page, server);
  const name = nameOf(5);
  await searched(page).fill('2005');
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await expect(page.getByRole('menuitem', { name: 'Listen' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Switch my phone on' }).click();
  await expect(page.getByText('switch your own phone on')).toBeHidden();

  await actOn(page, name, 'Listen');
  const bar = page.getByRole('region', { name: `You are listening to ${name}` });
  await expect(bar).toContainText('Nobody hears you.');
  await bar.getByRole('button', { name: 'Whisper' }).click();
  await expect(bar).toContainText('Only the agent hears you.');
  await bar.getByRole('button', { name: 'Stop listening' }).click();
  await expect(bar).toBeHidden();
  await actOn(page, name, 'Take the call');
  await expect.poll(() => server.asked.at(-1)?.command).toBe('channel.request.intercept');
  const asked = server.asked.filter((it) => it.command.startsWith('channel.request.'));
  expect(asked.map((it) => [it.command.slice(16), it.target, it.data])).toEqual(
    ['monitor', 'whisper', 'endmonitor', 'intercept'].map((it) => [
      ...[it, 's-1.ch-1', { agent: { id: 'agent-5' } }],
    ]),
  );
});

test('states are set, and a log-out is asked about', async ({ page, server }) => {
  await lookAtTheFloor(page, server);
  const name = nameOf(0);
  await searched(page).fill('2000');
  await actOn(page, name, 'Lunch break');
  await actOn(page, name, 'Ready');
  await actOn(page, name, 'Log out …');
  const dialog = page.getByRole('alertdialog', { name: `Log ${name} out?` });
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  await expect(dialog).toBeHidden();
  const about = () => server.asked.filter((it) => /setagentstate|forcelogout/.test(it.command));
  await expect
    .poll(() => about().map((it) => it.data))
    .toEqual([
      { agent: { id: 'agent-0' }, agentState: 'NOT_READY', reason: { code: 'lunch' } },
      { agent: { id: 'agent-0' }, agentState: 'READY' },
    ]);
  await actOn(page, name, 'Log out …');
  await dialog.getByRole('button', { name: 'Log out' }).click();
  await expect.poll(() => about().length).toBe(3);
  // Who is in a call cannot be logged out.
  await searched(page).fill('2005');
  await page.getByRole('button', { name: `Actions for ${nameOf(5)}` }).click();
  await expect(page.getByRole('menuitem', { name: 'Log out …' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
});

test('by keyboard alone', async ({ page, server }) => {
  await lookAtTheFloor(page, server);
  const { keyboard } = page;
  await keyboard.press('Alt+l');
  await expect(page.locator('[data-agent]')).toHaveCount(0);
  await keyboard.press('Alt+l');
  await searched(page).focus();
  await keyboard.type('2000');
  await expect(page.locator('[data-agent]')).toHaveCount(1);
  await page.getByRole('radio', { name: /^All/ }).focus();
  await keyboard.press('Tab');
  await expect(row(page, nameOf(0))).toBeFocused();
  await keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: `Actions for ${nameOf(0)}` })).toBeFocused();
  await keyboard.press('Enter');
  await expect(page.getByRole('menuitem', { name: 'Ready', exact: true })).toBeFocused();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await expect.poll(() => server.asked.at(-1)?.data?.['agentState']).toBe('NOT_READY');
});

test('every view of it', async ({ page, server }) => {
  test.setTimeout(300_000);
  await lookAtTheFloor(page, server);
  await examine(page, '20-floor');
  await page.getByRole('button', { name: 'Switch my phone on' }).click();
  await searched(page).fill('2005');
  await actOn(page, nameOf(5), 'Whisper');
  await page.getByRole('button', { name: 'Stop listening' }).waitFor();
  await searched(page).fill('');
  await examine(page, '21-floor-listening');
  await searched(page).fill('2005');
  await page.getByRole('button', { name: `Actions for ${nameOf(5)}` }).click();
  await page.getByRole('menu').waitFor();
  await examine(page, '22-floor-menu');
  await page.keyboard.press('Escape');
  await searched(page).fill('2000');
  await actOn(page, nameOf(0), 'Log out …');
  await page.getByRole('alertdialog').waitFor();
  await examine(page, '23-floor-log-out');
  await page.getByRole('button', { name: 'Leave it' }).click();
  await page.getByText('As a table').click();
  await page.locator('.as-table').scrollIntoViewIfNeeded();
  await examine(page, '24-floor-day');
});
