import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';

/** Debian's own; nothing is downloaded. */
const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export default defineConfig({
  outputDir: fileURLToPath(new URL('../../build/desktop-tests', import.meta.url)),
  workers: 1,
  // A test that passes only then is reported as flaky.
  retries: 1,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  testDir: 'test/browser',
  use: {
    locale: 'en-US',
    contextOptions: { reducedMotion: 'reduce' },
    viewport: { width: 1280, height: 860 },
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium,
      // Tests run as root in a container, where Chromium has no sandbox.
      args: ['--no-sandbox'],
    },
  },
});
