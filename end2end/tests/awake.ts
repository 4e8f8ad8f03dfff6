/** When a page's script has taken over: its wasm runs, and what it does at first has been drawn. */

import type { BrowserContext, Page } from '@playwright/test';

declare global {
  interface Window {
    wasmIsThere?: Promise<void>;
  }
}

/** Notes in each page when its wasm has been instantiated; what is exported by it is called right after that. */
export async function noteAwakening(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    let note = () => {};
    window.wasmIsThere = new Promise((resolve) => (note = resolve));
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...source) => {
      const module = await instantiate.apply(WebAssembly, source);
      note();
      return module;
    };
  });
}

export async function awake(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
    await window.wasmIsThere;
    await frame();
    await frame();
  });
}
