// The guard post's page: signs in, keeps the live picture, and shows one view at a time.

import { get, onSignedOut, post, setFormToken } from '/guard/api.js';
import { DeliveriesView } from '/guard/deliveries.js';
import { byId, h, setText, toast } from '/guard/dom.js';
import { attempt, explain, LiveView } from '/guard/live.js';
import { flush, waiting, workFor } from '/guard/outbox.js';
import { RoundsView } from '/guard/rounds.js';
import { ScanView } from '/guard/scan.js';
import { ShiftView } from '/guard/shift.js';
import { VisitorsView } from '/guard/visitors.js';
import { keepPage } from '/guard/workers.js';
import { language, say, switchLanguage } from '/guard/words.js';

const SILENCE_MS = 3500; // three heartbeats
const SIGNED_IN = 'guard-session'; // who was signed in on this page, without what proves it: for a reload without network

let session = null;
let source = null;
let heardAt = 0;
let connectedAt = 0;
let picture = null;
let live = null;
let current = 'live';
let kept = new Map(); // guard → how many of their forms wait on this phone
let views = {};

function showSignIn(problem, noAccounts = false) {
  session = null;
  sessionStorage.removeItem(SIGNED_IN);
  setFormToken(null);
  source?.close();
  source = null;
  if (byId('sheet').open)
    byId('sheet').close();
  byId('link').hidden = true;
  const account = h('input', { id: 'account', name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true });
  const secret = h('input', { id: 'secret', name: 'password', type: 'password', inputmode: 'numeric', autocomplete: 'current-password', required: true });
  const fault = h('p.hint.fault', { role: 'alert', hidden: !problem }, problem ?? '');
  const send = h('button.main.wide', { type: 'submit' }, say('signIn'));
  const form = h('form', {
    onsubmit: async event => {
      event.preventDefault();
      send.disabled = true;
      try {
        start(await post('sign-in', { guard: account.value.trim().toLowerCase(), secret: secret.value }));
      } catch (failure) {
        fault.textContent = explain(failure);
        fault.hidden = false;
        secret.value = '';
        secret.focus();
      }
      send.disabled = false;
    },
  }, h('h1', {}, say('signIn')), h('label', { for: 'account' }, say('account')), account, h('label', { for: 'secret' }, say('pin')), secret, fault, send,
  noAccounts ? h('div.first', {}, h('p', {}, say('noAccounts')), h('p', {}, h('code', {}, 'edgegate guard add li'), h('br'), h('code', {}, 'edgegate guard add chen --role supervisor'))) : null);
  byId('view').replaceChildren(form);
  document.documentElement.dataset.view = 'sign-in';
  drawFrame();
  account.focus();
}

function start(signedIn) {
  adopt(signedIn);
  heardAt = performance.now();
  openViews();
  connect();
}

/** Reloaded without network: what is entered is kept, and sent when the gate is heard again and still knows the guard. */
function startCutOff(lastSignedIn) {
  session = lastSignedIn;
  workFor(session.guard);
  heardAt = -SILENCE_MS;
  openViews();
  drawLink();
}

function adopt(signedIn) {
  const { formToken, ...known } = signedIn;
  session = known;
  workFor(session.guard);
  setFormToken(formToken);
  sessionStorage.setItem(SIGNED_IN, JSON.stringify(known));
}

function openViews() {
  current = 'live';
  makeViews();
  drawFrame();
  show(current);
}

function makeViews() {
  live = new LiveView(session.role);
  views = { live: { element: live.element } };
  views.visitors = new VisitorsView(session);
  views.scan = new ScanView(session);
  if (session.rounds)
    views.rounds = new RoundsView(session);
  if (session.deliveries.length > 0)
    views.deliveries = new DeliveriesView(session);
  views.shift = new ShiftView(session);
  if (!picture)
    return;
  live.draw(picture);
  for (const view of Object.values(views))
    view.hear?.(picture);
}

function show(name) {
  views[current]?.leave?.();
  current = name;
  byId('view').replaceChildren(views[name].element);
  document.documentElement.dataset.view = name;
  views[name].enter?.();
  drawFrame();
  scrollTo(0, 0);
}

function drawFrame() {
  document.documentElement.lang = language.current === 'zh' ? 'zh-Hans' : 'en';
  setText(byId('who'), session?.guard ?? 'EdgeGate');
  setText(byId('role'), session ? say(session.role) : '');
  setText(byId('language'), say('otherLanguage'));
  setText(byId('sign-out'), say('signOut'));
  byId('sign-out').hidden = !session;
  const tabs = byId('tabs');
  tabs.hidden = !session || Object.keys(views).length < 2;
  if (session) {
    tabs.replaceChildren(...Object.keys(views).map(name => h('button', { type: 'button', 'aria-current': name === current ? 'page' : null, onclick: () => show(name) },
      say(name), name === 'live' && name !== current && waitingNow() > 0 ? h('span.count', {}, String(waitingNow())) : null)));
  }
  drawInside();
}

const waitingNow = () => picture?.lanes.filter(lane => lane.waiting).length ?? 0;

function drawInside() {
  const inside = byId('inside');
  inside.hidden = !session || picture?.inside === undefined;
  setText(inside, say('inside', picture?.inside));
}

function connect() {
  source?.close();
  connectedAt = performance.now();
  source = new EventSource('/guard/api/events');
  source.addEventListener('version', event => reloadFor(event.data));
  source.addEventListener('message', event => {
    const waitedBefore = waitingNow();
    picture = JSON.parse(event.data);
    heardAt = performance.now();
    drawLink();
    if (live.draw(picture) > 0)
      call();
    for (const view of Object.values(views))
      view.hear?.(picture);
    if (waitedBefore !== waitingNow())
      drawFrame();
    drawInside();
  });
}

// A page of an older service loads itself anew, once.
let version = null;
function reloadFor(heard) {
  if (version !== null && version !== heard)
    location.reload();
  version = heard;
}

// The stream ends with the session, and it never notices a connection that has died without a word.
async function watch() {
  if (!session || performance.now() - heardAt <= SILENCE_MS || performance.now() - connectedAt <= SILENCE_MS)
    return;
  connectedAt = performance.now();
  drawLink();
  try {
    const still = await get('session');
    if (still?.guard) {
      adopt(still);
      connect();
    } else {
      showSignIn(say('signed-out'));
    }
  } catch { /* no network: asked again soon */ }
}

/** What was entered without network goes as soon as there is one. */
async function sendKept() {
  const { sent, refused } = session ? await flush() : { sent: 0, refused: [] };
  if (sent + refused.length > 0)
    toast([sent > 0 ? say('sent', sent) : null, ...refused.map(failure => say('refusedLate', explain(failure)))].filter(Boolean).join(' · '));
  kept = await waiting();
  drawLink();
}

/** What is wrong between phone and gate; nothing when all is well. */
function drawLink() {
  const isCut = session !== null && performance.now() - heardAt > SILENCE_MS;
  const said = [
    isCut ? say('noLink') : null,
    kept.has(session?.guard) ? say('waiting', kept.get(session.guard)) : null,
    ...[...kept].filter(([guard]) => guard !== session?.guard).map(([guard, forms]) => say('waitingFor', forms, guard)),
  ].filter(Boolean);
  setText(byId('link'), said.join(' · '));
  byId('link').hidden = said.length === 0;
}

/** Somebody waits: the phone is in a pocket. */
function call() {
  navigator.vibrate?.([200, 100, 200]);
}

byId('language').addEventListener('click', () => {
  switchLanguage();
  if (!session) {
    showSignIn();
    return;
  }
  views[current].leave?.();
  makeViews();
  show(current);
});
byId('sign-out').addEventListener('click', async () => {
  await attempt(() => post('sign-out'));
  showSignIn();
});
byId('sheet').addEventListener('click', event => {
  if (event.target === byId('sheet'))
    byId('sheet').close(); // beside the sheet
});
byId('sheet').addEventListener('close', () => {
  // Chromium gives the focus back to a field without a caret: what a wedge scanner types then goes nowhere.
  const field = document.activeElement;
  field?.blur();
  field?.focus();
});
onSignedOut(() => { if (session) showSignIn(say('signed-out')); });
setInterval(watch, 500);
setInterval(() => sendKept().catch(() => { /* tried again soon */ }), 3000);

keepPage();
try {
  const signedIn = await get('session');
  if (signedIn?.guard)
    start(signedIn);
  else
    showSignIn(undefined, signedIn?.noAccounts);
} catch (failure) {
  const last = sessionStorage.getItem(SIGNED_IN);
  if (failure.word === 'offline' && last)
    startCutOff(JSON.parse(last));
  else
    showSignIn(explain(failure));
}
