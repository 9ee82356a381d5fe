// Draws the pictures the gate sends. The service chooses words and symbol; this page only decides when they are too old.

import { Voice } from '/kiosk/voice.js';

const SILENCE_MS = 3000; // three heartbeats
const GUEST_LANGUAGE_MS = 30_000; // whoever touched the language has gone by then
const WANDER_MS = 60_000;
const WANDERING = 12; // places, around a circle
const LANG = { zh: 'zh-Hans', en: 'en' };
const QUIET_FACES = ['idle', 'closed', 'free', 'outOfService']; // nobody stands there

// The only words kept here: they are needed when the service cannot be asked.
const STALE = {
  face: 'stale',
  symbol: 'stale',
  title: { zh: '屏幕未更新', en: 'Screen not up to date' },
  advice: { zh: '正在重新连接，请稍候或联系工作人员', en: 'Reconnecting: please wait or ask our staff' },
};
const SOUND_BLOCKED = { zh: '声音未开启，请触摸屏幕', en: 'No sound: touch the screen' };

const root = document.documentElement;
const byId = id => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const leading = asked.get('lang') in LANG ? asked.get('lang') : root.dataset.language;

let first = leading;
let source;
let connectedAt;
let heardAt = performance.now();
let drawn;
let drawnJson;
let corner = { signs: [], volume: 0, night: false };
let guestUntil = 0;

const voice = new Voice(blocked => {
  root.toggleAttribute('data-sound-blocked', blocked);
  write('sound', SOUND_BLOCKED);
});

function draw(picture) {
  root.dataset.face = picture.face;
  byId('symbol').setAttribute('href', '#symbol-' + picture.symbol);
  write('title', picture.title);
  write('advice', picture.advice);
  byId('name').textContent = picture.name ?? '';
  byId('temperature').textContent = picture.temperature ?? '';
  byId('distance').textContent = picture.distance ?? '';
  write('notice', picture.notice ?? { zh: '', en: '' });
  root.toggleAttribute('data-identifies', picture.identifies === true);
  darken();
}

function write(id, words) {
  for (const [place, language] of [['first', first], ['second', first === 'zh' ? 'en' : 'zh']]) {
    const line = byId(`${id}-${place}`);
    if (!line)
      continue; // small print stands in one language only
    line.lang = LANG[language];
    line.textContent = words[language];
  }
}

// Heartbeats repeat the picture; drawing it again would make a screen reader say it again, and the voice too.
function drawIfNew(json) {
  if (json === drawnJson)
    return;
  const picture = JSON.parse(json);
  const spoken = drawn && drawn.say === picture.say && drawn.record === picture.record && drawn.face === picture.face;
  draw(picture);
  drawn = picture;
  drawnJson = json;
  if (picture.say && !spoken)
    voice.say(first, picture.say, corner.volume);
}

function drawCorner() {
  write('hours', corner.hours ?? { zh: '', en: '' });
  write('inside', corner.inside ?? { zh: '', en: '' });
  for (const name of ['clock', 'devices', 'link']) {
    const sign = corner.signs.find(one => one.name === name);
    const place = byId('sign-' + name);
    place.hidden = !sign;
    place.classList.toggle('unwell', sign?.well === false);
    write('sign-' + name, sign?.words ?? { zh: '', en: '' });
  }
  darken();
}

// By night the screen is dark until somebody is there; the picture then wanders, so that no line of it burns in.
function darken() {
  root.toggleAttribute('data-dark', corner.night && QUIET_FACES.includes(root.dataset.face));
}

function wander() {
  const at = 2 * Math.PI * (Math.floor(Date.now() / WANDER_MS) % WANDERING) / WANDERING;
  root.style.setProperty('--wander-x', Math.cos(at).toFixed(3));
  root.style.setProperty('--wander-y', Math.sin(at).toFixed(3));
}

function speak(language) {
  first = language;
  root.lang = LANG[first];
  byId('language').textContent = first === 'zh' ? 'English' : '中文';
  byId('language').lang = first === 'zh' ? LANG.en : LANG.zh;
  if (drawn)
    draw(drawn);
  drawCorner();
  write('sound', SOUND_BLOCKED);
}

function connect() {
  source?.close();
  connectedAt = performance.now();
  source = new EventSource('/kiosk/events' + (asked.has('lane') ? '?lane=' + encodeURIComponent(asked.get('lane')) : ''));
  source.addEventListener('version', event => reloadFor(event.data));
  source.addEventListener('corner', event => {
    corner = JSON.parse(event.data);
    drawCorner();
  });
  source.addEventListener('message', event => {
    drawIfNew(event.data);
    heardAt = performance.now(); // only now: a picture that cannot be drawn is as good as none
  });
}

// Once per version: a page that came out of some cache must not reload for ever.
function reloadFor(version) {
  if (version === root.dataset.version || version === sessionStorage.getItem('reloadedFor'))
    return;
  sessionStorage.setItem('reloadedFor', version);
  location.reload();
}

// EventSource reconnects by itself after a broken connection, but not after an error status, and it never notices a
// connection that has died without a word.
function watch() {
  const now = performance.now();
  if (first !== leading && now > guestUntil)
    speak(leading);
  if (now - heardAt <= SILENCE_MS)
    return;
  drawIfNew(JSON.stringify(STALE));
  if (now - connectedAt > SILENCE_MS)
    connect();
}

function tick() {
  const now = new Date();
  const two = number => String(number).padStart(2, '0');
  byId('time').textContent = `${two(now.getHours())}:${two(now.getMinutes())}`;
  byId('date').textContent = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  wander();
}

byId('language').addEventListener('click', () => {
  guestUntil = performance.now() + GUEST_LANGUAGE_MS;
  speak(first === 'zh' ? 'en' : 'zh');
});
speak(leading);
tick();
setInterval(tick, 1000);
setInterval(watch, 250);
connect();
