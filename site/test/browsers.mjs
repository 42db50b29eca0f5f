// Chromium and Firefox, both driven by puppeteer: the first by its own protocol, the second by WebDriver BiDi.
import { launch } from 'puppeteer-core';
import { program } from '../../test/packaging/runner/debian.mjs';

// prettier-ignore
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  // A software device, so that WebGPU is tried without a graphics card.
  '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** By name, what opens it. */
export const BROWSERS = {
  Chromium: async () =>
    launch({
      executablePath: await program({ title: 'Chromium', variable: 'CHROMIUM', names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'], package: 'chromium' }),
      args: FLAGS,
      protocolTimeout: 120_000,
    }),
  Firefox: async () =>
    launch({
      browser: 'firefox',
      executablePath: await program({ title: 'Firefox', variable: 'FIREFOX', names: ['firefox-esr', 'firefox'], package: 'firefox-esr' }),
      protocolTimeout: 120_000,
    }),
};
