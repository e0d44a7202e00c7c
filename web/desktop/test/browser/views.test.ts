// Every view, in both themes and both widths: nothing for axe to find, and pictures to look at.
import {
  beReady,
  chooseState,
  examine,
  expect,
  logIn,
  stateButton,
  test,
} from '../support/pages.js';

test('every view of a day', async ({ page, world }) => {
  test.setTimeout(600_000);
  await page.goto(world.url);
  await page.getByLabel('Agent').waitFor();
  await examine(page, '01-log-in');

  await page.getByLabel('Agent').fill('alice');
  await page.getByLabel('Password').fill('wrong');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Agent or password is wrong.').waitFor();
  await examine(page, '02-log-in-refused');

  await logIn(page, world);
  await chooseState(page, 'Lunch break');
  await expect(stateButton(page)).toHaveText(/Not ready.*Lunch break/);
  await examine(page, '03-not-ready');

  await stateButton(page).click();
  await page.getByRole('menu').waitFor();
  await examine(page, '04-state-menu');
  await page.keyboard.press('Escape');

  await beReady(page);
  await examine(page, '05-ready');

  await world.call({ name: 'Maria Schneider', number: '493012345678' });
  await page.getByRole('button', { name: 'Answer' }).waitFor();
  await examine(page, '06-offer');

  await page.getByRole('button', { name: 'Answer' }).click();
  await page.locator('.talk-state', { hasText: 'Talking' }).waitFor();
  await examine(page, '07-call');

  await page.getByRole('button', { name: 'Record', exact: false }).first().click();
  await page.getByRole('button', { name: 'Mute' }).click();
  await page.locator('.chip', { hasText: 'You are muted' }).waitFor();
  await examine(page, '08-call-recorded-muted');

  await page.getByRole('button', { name: 'Keypad' }).click();
  await page.getByRole('button', { name: 'Key 5' }).click();
  await page.getByText('Sent: 5').waitFor();
  await examine(page, '09-keypad');
  await page.getByRole('button', { name: 'Keypad' }).click();

  await page.getByRole('button', { name: 'Transfer', exact: true }).click();
  await page
    .getByRole('combobox', { name: /number/ })
    .last()
    .fill('9555123');
  await examine(page, '10-transfer');

  await page.getByRole('button', { name: 'Ask first' }).click();
  await page.locator('.talk-state', { hasText: 'Talking' }).waitFor();
  await examine(page, '11-consult');

  await page.getByRole('button', { name: 'Join all' }).click();
  await page.getByRole('list', { name: 'In the call' }).waitFor();
  await examine(page, '12-conference');

  await page.getByRole('button', { name: 'Hang up' }).click();
  await page.locator('.talk', { hasText: 'The call has ended.' }).waitFor();
  await examine(page, '13-wrap-up');
  await page.getByRole('button', { name: 'Complete' }).click();
  await page.getByText('Waiting for the next one').waitFor();

  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'History' }).click();
  await examine(page, '14-history');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Dial' }).click();
  await examine(page, '15-dial');
  await page.getByRole('button', { name: 'Work' }).click();
  await page.setViewportSize({ width: 1280, height: 860 });

  await page.getByRole('button', { name: /Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await examine(page, '16-settings');
  await page.getByRole('button', { name: 'Close' }).click();

  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await examine(page, '17-shortcuts');
  await page.keyboard.press('Escape');

  world.wire.cut();
  await page.getByText('There is no connection to the server.').waitFor();
  await examine(page, '18-no-connection');
});
