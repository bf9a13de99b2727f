// The offline shell: stylesheets, scripts and one page that says the network is gone. No other page is ever kept, so
// nothing personal stays on the device. Served from the site's root.
"use strict";
const SHELL = "shell-1";
const OFFLINE = "/offline";

async function keepShell() {
  const cache = await caches.open(SHELL);
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "reload" });
  if (!page.ok) throw new Error("no offline page");
  await cache.put(OFFLINE, page.clone());
  const parts = Array.from((await page.text()).matchAll(/(?:href|src)="(\/static\/[^"]+)"/g), (match) => match[1]);
  await cache.addAll([...new Set(parts)]);
}

self.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => self.skipWaiting())));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== SHELL) await caches.delete(name);
  await self.clients.claim();
})()));

async function fromNetworkThenShell(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const cache = await caches.open(SHELL);
    const held = await cache.match(request.mode === "navigate" ? OFFLINE : request);
    if (held) return held;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const ours = new URL(request.url).origin === self.location.origin;
  if (!ours) return;
  const shell = request.method === "GET" && new URL(request.url).pathname.startsWith("/static/");
  if (request.mode === "navigate" || shell) event.respondWith(fromNetworkThenShell(request));
});
