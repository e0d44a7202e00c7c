import base from '../playwright.config.js';

/** Measured, not tested: `npm run bench`. */
export default { ...base, testDir: '.', testMatch: '*.bench.ts' };
