// Keeps what was entered without network and sends it when it is back: each form carries an id of its own, and the gate takes an id
// once. What lies on the phone is encrypted with a key that the browser does not give out, not even to this page.

import { Failure, post } from '/guard/api.js';

const STORE = 'outbox';
const MOST = 200;
let opening = null;
let guard = null;

/** Whose forms are kept and sent from now on: those of somebody else who used this phone wait until they sign in again. */
export function workFor(name) {
  guard = name;
}

const request = asked => new Promise((done, failed) => {
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => failed(asked.error);
});

const isThere = failure => {
  if (failure.name !== 'ConstraintError')
    throw failure;
};

/** What was kept, readable; null when it was closed with a key that is no more. */
async function opened({ nonce, sealed }, key) {
  try {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, key, sealed)));
  } catch {
    return null;
  }
}

async function open() {
  opening ??= (async () => {
    const asked = indexedDB.open('edgegate-guard', 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(STORE, { keyPath: 'id' });
      asked.result.createObjectStore('key');
    };
    const base = await request(asked);
    let key = await request(base.transaction('key').objectStore('key').get('outbox'));
    if (!key) {
      const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      await request(base.transaction('key', 'readwrite').objectStore('key').add(made, 'outbox')).catch(isThere);
      key = await request(base.transaction('key').objectStore('key').get('outbox')); // another tab's, when that was first: there is one key
    }
    return { base, key };
  })();
  return opening;
}

/** Whether this browser can keep anything: it needs https (or the gate's own screen). */
export const canKeep = () => Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);

/** How many wait, by the guard who entered them. */
export async function waiting() {
  const guards = new Map();
  if (!canKeep())
    return guards;
  const { base } = await open();
  for (const one of await request(base.transaction(STORE).objectStore(STORE).getAll()))
    guards.set(one.guard, (guards.get(one.guard) ?? 0) + 1);
  return guards;
}

async function keep(what, form) {
  const { base, key } = await open();
  if (await request(base.transaction(STORE).objectStore(STORE).count()) >= MOST)
    throw new Failure('outboxFull');
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, new TextEncoder().encode(JSON.stringify({ what, form })));
  await request(base.transaction(STORE, 'readwrite').objectStore(STORE).put({ id: form.form, guard, at: Date.now(), nonce, sealed }));
}

/**
 * Sends a form now, or keeps it until there is a network.
 * @param late what the form becomes when it is sent later
 * @returns whether it was sent now
 */
export async function sendOrKeep(what, form, late) {
  const whole = { ...form, form: form.form ?? newId() };
  try {
    await post(what, whole);
    return true;
  } catch (failure) {
    if (failure.word !== 'offline' || !canKeep())
      throw failure;
    await keep(what, late(whole));
    return false;
  }
}

let sending = false;

/** What may go well another time: no network, signed out, or the gate cannot take anything just now. */
const LATER = ['offline', 'signed-out', 'not-from-here', 'too-fast', 'full', 'not-recorded', 'not-kept', 'failed'];

/** Sends what is kept, oldest first. @returns how many were sent, and the failures of those that the gate will never take */
export async function flush() {
  const done = { sent: 0, refused: [] };
  if (sending || !canKeep())
    return done;
  sending = true;
  try {
    const { base, key } = await open();
    const kept = await request(base.transaction(STORE).objectStore(STORE).getAll());
    const by = guard;
    for (const one of kept.filter(one => one.guard === by).sort((one, other) => one.at - other.at)) {
      const entered = await opened(one, key);
      if (guard !== by)
        break; // somebody else has signed in meanwhile
      try {
        if (!entered)
          throw new Failure('unreadable', { wait: new Date(one.at).toLocaleTimeString() }); // told and dropped, or all that were entered after it would wait behind it
        const { what, form } = entered;
        await post(what, form.enteredAt ? { ...form, sentAt: new Date().toISOString() } : form); // how long it was kept, by one clock
        done.sent++;
      } catch (failure) {
        if (!(failure instanceof Failure) || LATER.includes(failure.word))
          break;
        done.refused.push(failure);
      }
      await request(base.transaction(STORE, 'readwrite').objectStore(STORE).delete(one.id));
    }
  } finally {
    sending = false;
  }
  return done;
}

/** Also where the page came over http, where browsers have no randomUUID. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
