// The same day without a mouse.
import { expect, password, stateButton, test } from '../support/pages.js';

test('a call from log-in to wrap-up by keyboard alone', async ({ page, world }) => {
  const { keyboard } = page;
  await page.goto(world.url);
  await page.getByLabel('Agent').waitFor();
  // The first field has the focus already.
  await keyboard.type('alice');
  await keyboard.press('Tab');
  await keyboard.type(password);
  await keyboard.press('Enter');
  await stateButton(page).waitFor();

  await keyboard.press('Alt+s');
  await page.getByRole('menu').waitFor();
  await keyboard.press('Enter');
  await expect(stateButton(page)).toHaveText(/Ready/);

  await world.call();
  await page.getByRole('button', { name: 'Answer' }).waitFor();
  await keyboard.press('Alt+a');
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();

  await keyboard.press('Alt+h');
  await expect(page.locator('.talk-state', { hasText: 'On hold' })).toBeVisible();
  await keyboard.press('Alt+h');
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await keyboard.press('Alt+m');
  await expect(page.locator('.chip', { hasText: 'You are muted' })).toBeVisible();
  await keyboard.press('Alt+m');
  await expect(page.locator('.chip', { hasText: 'You are muted' })).toBeHidden();
  const recording = page.getByRole('region', { name: 'Recording' });
  await keyboard.press('Alt+r');
  await expect(recording.getByRole('status')).toHaveText('Recording');
  await keyboard.press('Alt+r');
  await expect(recording.getByRole('status')).toHaveText('Recording paused');

  await keyboard.press('Alt+k');
  await expect(page.getByRole('button', { name: 'Key 1' })).toBeFocused();
  await keyboard.press('7');
  await expect(page.getByText('Sent: 7')).toBeVisible();
  await keyboard.press('Alt+k');

  await keyboard.press('Alt+t');
  await keyboard.type('9555');
  await keyboard.press('Enter');
  await expect(page.locator('.talk', { hasText: 'Consultation' })).toContainText('Talking');
  await keyboard.press('Alt+w');
  await expect(page.locator('.talk', { hasText: 'Consultation' })).toContainText('On hold');
  await keyboard.press('Alt+t');
  await expect(page.locator('.talk', { hasText: 'The call has ended.' })).toBeVisible();

  await keyboard.press('Alt+c');
  await expect(page.getByText('Waiting for the next one')).toBeVisible();

  await keyboard.press('Alt+n');
  await expect(page.getByRole('combobox', { name: /number/ })).toBeFocused();
  await keyboard.type('?');
  await expect(page.getByRole('dialog')).toBeHidden();
  await keyboard.press('Tab');
  await keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});
