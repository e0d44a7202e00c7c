// What is lost and comes back: the page, the network, the other window.
import {
  beInACall,
  beReady,
  expect,
  logIn,
  password,
  stateButton,
  test,
} from '../support/pages.js';

test('a page that is loaded again during a call goes on with it', async ({ page, world }) => {
  await beInACall(page, world);
  await page.reload();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await expect(page.locator('.talk-state', { hasText: 'On hold' })).toBeVisible();
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  expect(stored).not.toContain(password);
  expect(stored).not.toContain('4930123456');
});

test('a network that is cut is said so; what was asked is done when it is back', async ({
  page,
  world,
}) => {
  await beInACall(page, world);
  world.wire.cut();
  await expect(page.getByText('There is no connection to the server.')).toBeVisible();
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  world.wire.mend();
  await page.getByRole('button', { name: 'Try now' }).click();
  await expect(page.locator('.talk-state', { hasText: 'On hold' })).toBeVisible();
  await expect(page.getByText('There is no connection to the server.')).toBeHidden();
});

test('a session that is elsewhere is taken over, if the agent wants to', async ({
  page,
  context,
  world,
}) => {
  await beInACall(page, world);
  const other = await context.newPage();
  await logIn(other, world);
  const question = other.getByRole('alertdialog', { name: 'You are logged in elsewhere' });
  await question.getByRole('button', { name: 'Leave it' }).click();
  await expect(other.getByText('Nothing was changed')).toBeVisible();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();

  await logIn(other, world);
  await question.getByRole('button', { name: 'Take over' }).click();
  await expect(other.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expect(page.getByText('You have logged in somewhere else')).toBeVisible();
});

test('a window that was copied takes the session, and gives it back', async ({
  page,
  context,
  world,
}) => {
  await logIn(page, world);
  await beReady(page);
  const kept = await page.evaluate(() => ({ ...sessionStorage }));
  const copy = await context.newPage();
  await copy.addInitScript((entries) => {
    for (const [key, value] of Object.entries(entries)) sessionStorage.setItem(key, value);
  }, kept);
  await copy.goto(world.url);
  await expect(stateButton(copy)).toHaveText(/Ready/);
  await expect(page.getByText('Your session goes on in another window.')).toBeVisible();
  await page.getByRole('button', { name: 'Go on in this window' }).click();
  await expect(stateButton(page)).toHaveText(/Ready/);
  await expect(copy.getByText('Your session goes on in another window.')).toBeVisible();
});
