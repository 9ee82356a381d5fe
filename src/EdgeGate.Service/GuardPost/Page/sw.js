// Keeps the page for a phone that is reloaded without network. The gate writes VERSION and FILES before this text.
// With network everything comes from the gate, as if this were not here; what the page asks and sends never passes through it.

const KEPT = 'guard-' + VERSION;
const ANSWER_WITHIN_MS = 4000;

addEventListener('install', event => event.waitUntil((async () => {
  const kept = await caches.open(KEPT);
  await kept.addAll(FILES.map(file => new Request(file, { cache: 'no-cache' }))); // all of one version, or none
  await skipWaiting();
})()));

addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys())
    if (name !== KEPT)
      await caches.delete(name);
  await clients.claim();
})()));

addEventListener('fetch', event => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== 'GET' || pathname.startsWith('/guard/api/'))
    return;
  event.respondWith(pathname.startsWith('/guard/camera/') ? onceFromGate(event.request) : fromGateOrKept(event.request));
});

async function fromGateOrKept(request) {
  const late = new Promise((_, tooLate) => setTimeout(tooLate, ANSWER_WITHIN_MS));
  try {
    return await Promise.race([fetch(request), late]);
  } catch {
    return await caches.match(request, { ignoreSearch: true }) ?? Response.error();
  }
}

/** The camera module: a megabyte, and never another one. */
async function onceFromGate(request) {
  const kept = await caches.open(KEPT);
  const known = await kept.match(request);
  if (known)
    return known;
  const answer = await fetch(request);
  if (answer.ok)
    await kept.put(request, answer.clone());
  return answer;
}
