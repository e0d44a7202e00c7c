// An agent's day, with real calls: what is seen is what the server has said.
import type { Page } from '@playwright/test';
import {
  beInACall,
  beReady,
  chooseState,
  expect,
  logIn,
  stateButton,
  test,
} from '../support/pages.js';
import { PlayedServer } from '../support/played_server.js';

const fields = (page: Page) => page.getByRole('combobox', { name: 'Name, number or extension' });

test('a day: state, offers, a call from answer to wrap-up', async ({ page, world }) => {
  await logIn(page, world);
  await expect(stateButton(page)).toHaveText(/Off/);
  await chooseState(page, 'Training');
  await expect(stateButton(page)).toHaveText(/Not ready.*Training/);
  await beReady(page);

  // Rejected, it comes back later, and is answered.
  await world.call({ name: 'Maria Schneider', number: '493012345' });
  const offer = page.getByRole('region', { name: 'Incoming: 493012345' });
  await expect(offer.or(page.getByRole('region', { name: 'Incoming: Maria' }))).toBeVisible();
  await expect(page).toHaveTitle(/Incoming call from/);
  await page.getByRole('button', { name: 'Reject' }).click();
  await expect(page.getByRole('button', { name: 'Answer' })).toBeHidden();
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expect(stateButton(page)).toHaveText(/Busy/);

  // What is asked for during a call is noted.
  await chooseState(page, 'Lunch break');
  await expect(page.getByText('Afterwards: Not ready – Lunch break')).toBeVisible();

  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await expect(page.locator('.talk-state', { hasText: 'On hold' })).toBeVisible();
  await page.getByRole('button', { name: 'Retrieve', exact: true }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();

  await page.getByRole('button', { name: 'Mute', exact: true }).click();
  await expect(page.locator('.chip', { hasText: 'You are muted' })).toBeVisible();
  await page.getByRole('button', { name: 'Unmute', exact: true }).click();
  await expect(page.locator('.chip', { hasText: 'You are muted' })).toBeHidden();

  const recording = page.getByRole('region', { name: 'Recording' });
  await expect(recording).toContainText('Not recorded');
  await recording.getByRole('button', { name: 'Record' }).click();
  await expect(recording.getByRole('status')).toHaveText('Recording');
  await recording.getByRole('button', { name: 'Pause' }).click();
  await expect(recording).toContainText('Recording paused');
  await recording.getByRole('button', { name: 'Resume' }).click();
  await expect(recording.getByRole('status')).toHaveText('Recording');
  await recording.getByRole('button', { name: 'Stop' }).click();
  await expect(recording).toContainText('Not recorded');

  await page.getByRole('button', { name: 'Keypad' }).click();
  await page.getByRole('button', { name: 'Key 4' }).click();
  await page.getByRole('button', { name: 'Key 2' }).click();
  await expect(page.getByText('Sent: 42')).toBeVisible();

  await page.getByLabel('Notes').fill('Calls again on Monday.');
  await page.getByRole('button', { name: 'Hang up' }).click();
  await expect(page.locator('.talk', { hasText: 'The call has ended.' })).toBeVisible();
  await expect(stateButton(page)).toHaveText(/Wrap-up/);
  await expect(page.getByLabel('Notes')).toHaveValue('Calls again on Monday.');
  await page.getByRole('button', { name: /Result/ }).click();
  await page.getByRole('option', { name: 'Will call back' }).click();
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(stateButton(page)).toHaveText(/Not ready.*Lunch break/);

  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByRole('listitem')).toHaveText([/Done/, /Rejected/]);

  await page.getByRole('button', { name: 'Menu of Alice Adams' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await expect(page.getByText('You have logged out.')).toBeVisible();
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
});

test('somebody is asked, swapped with, and given the call', async ({ page, world }) => {
  await beInACall(page, world);
  await page.getByRole('button', { name: 'Transfer', exact: true }).click();
  await fields(page).last().fill('9555');
  await page.getByRole('button', { name: 'Ask first' }).click();
  const consult = page.locator('.talk', { hasText: 'Consultation' });
  const customer = page.locator('.talk', { hasText: 'Customer' });
  await expect(consult).toContainText('Talking');
  await expect(customer).toContainText('On hold');
  await page.getByRole('button', { name: 'Swap' }).click();
  await expect(consult).toContainText('On hold');
  await expect(customer).toContainText('Talking');
  await page.getByRole('button', { name: 'Transfer to 9555' }).click();
  await expect(page.locator('.talk', { hasText: 'The call has ended.' })).toBeVisible();
});

test('a conference, and who is taken out of it', async ({ page, world }) => {
  await beInACall(page, world);
  await page.getByRole('button', { name: 'Transfer', exact: true }).click();
  await fields(page).last().fill('9555');
  await page.getByRole('button', { name: 'Add to call' }).click();
  const members = page.getByRole('list', { name: 'In the call' });
  await expect(members.getByRole('listitem')).toHaveCount(2);
  await members.getByRole('button', { name: 'Remove 9555' }).click();
  await expect(members).toBeHidden();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
});

test('a call to a number, and what cannot be dialled', async ({ page, world }) => {
  await logIn(page, world);
  await chooseState(page, 'Not ready');
  await fields(page).fill('7');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  const problem = page.getByText('The server does not accept this.');
  await expect(problem).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(problem).toBeHidden();

  await fields(page).fill('9 (555) 1');
  await page.getByRole('button', { name: 'Call', exact: true }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expect(page.getByRole('heading', { name: '95551' })).toBeVisible();
});

test('chats come beside a call, and are completed by themselves', async ({ page, world }) => {
  await beInACall(page, world);
  await page.getByRole('button', { name: /Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByText('Chats').click();
  await expect(page.getByRole('switch', { name: 'Chats' })).toBeChecked();
  await page.getByRole('button', { name: 'Close' }).click();
  await chooseState(page, 'Ready', 'Chat');
  await world.offerTask({ type: 'Chat', from: 'ann@example.com', subject: 'My order' });
  await page.getByRole('button', { name: 'Accept' }).click();
  const list = page.getByRole('navigation', { name: 'Your interactions' });
  await list.getByRole('button', { name: 'ann@example.com' }).click();
  await expect(page.getByText('The conversation itself is in the system')).toBeVisible();
  await expect(page.getByText('My order')).toBeVisible();
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(list).toBeHidden();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
});

async function completeTheCall(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Hang up' }).click();
  await page.getByRole('button', { name: /Result/ }).click();
  await page.getByRole('option', { name: 'Solved' }).click();
  await page.getByRole('button', { name: 'Complete' }).click();
  await expect(page.getByRole('button', { name: 'Complete' })).toBeHidden();
}

test('the history has the whole day, also on a page that was loaded again', async ({
  page,
  world,
}) => {
  test.slow();
  const entries = page.getByRole('region', { name: 'History' }).getByRole('listitem');
  await beInACall(page, world);
  await completeTheCall(page);
  await expect(entries).toHaveText([/Customer.*Done/]);
  await page.reload();
  await expect(entries).toHaveText([/Customer.*Done/]);

  // A call that goes on is done once, whoever saw it begin.
  await world.call({ name: 'Maria Schneider' });
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await page.reload();
  await expect(entries).toHaveText([/Customer.*Done/]);
  await completeTheCall(page);
  await expect(entries).toHaveText([/Maria Schneider.*Done/, /Customer.*Done/]);

  await page.getByRole('button', { name: 'Menu of Alice Adams' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await logIn(page, world);
  await expect(entries).toHaveText([/Maria Schneider.*Done/, /Customer.*Done/]);
  await page.getByRole('button', { name: 'Menu of Alice Adams' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await logIn(page, world, 'bob');
  await expect(page.getByText('Nothing yet.')).toBeVisible();
});

test('a history that cannot be loaded is tried again', async ({ page }) => {
  const server = await PlayedServer.start({});
  server.past = 'not.accepting';
  await page.goto(server.url);
  await page.getByLabel('Agent').fill('sue');
  await page.getByLabel('Password').fill('x');
  await page.getByRole('button', { name: 'Log in' }).click();
  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByRole('alert')).toContainText('could not be loaded');
  const now = new Date().toISOString();
  server.past = [
    {
      ...{ id: 'i-1', type: 'Telephony', direction: 'INBOUND', endpoint: '1000', from: '555' },
      ...{ queued: now, offered: now, answered: now, ended: now, outcome: 'handled' },
    },
  ];
  await history.getByRole('button', { name: 'Try again' }).click();
  await expect(history.getByRole('listitem')).toHaveText([/555.*Done/]);
  await expect(history.getByRole('alert')).toBeHidden();
  server.past = 'unsupported';
  await page.reload();
  await expect(history).toContainText('The server keeps no history.');
  await server.stop();
});

test('in German', async ({ page, world }) => {
  await page.goto(world.url);
  await page.getByText('Deutsch').click();
  await expect(page.getByRole('heading', { name: 'Anmelden' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.reload();
  await expect(page.getByRole('button', { name: 'Anmelden' })).toBeVisible();
});
