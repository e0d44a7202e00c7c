// What `make demo` shows: a newcomer logs in with a click, is ready, and a customer speaks.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { chromiumWith } from '../support/phone.js';
import { Program } from '../support/processes.js';
import { program } from '../support/world.js';

test.use({ launchOptions: chromiumWith('devices'), permissions: ['microphone'] });

test('a newcomer talks to a customer', async ({ page }) => {
  const folder = await mkdtemp(join(tmpdir(), 'cordboard-demo-test-'));
  const demo = new Program(program, ['demo'], folder);
  try {
    await page.goto(await demo.printed(/^The desktop: (\S+)$/m));
    await page.getByRole('button', { name: 'Alice' }).click();
    await page.getByRole('button', { name: 'Change state: Phone' }).click();
    await page.getByRole('menuitem', { name: 'Ready', exact: true }).click();
    await expect(page.getByText(/Carol Smith|15551234567/).first()).toBeVisible();
    await page.getByRole('button', { name: 'Answer' }).click();
    await expect(page.getByText('The other side hears you.')).toBeVisible();
  } finally {
    await demo.stop();
    await rm(folder, { recursive: true });
  }
});
