// Draws the pictures the gate sends. The service chooses words and symbol; this page only decides when they are too old.

const SILENCE_MS = 3000; // three heartbeats
const LANG = { zh: 'zh-Hans', en: 'en' };
const asked = new URLSearchParams(location.search);
const [first, second] = asked.get('lang') === 'en' ? ['en', 'zh'] : ['zh', 'en'];

// The only words kept here: they are needed when the service cannot be asked.
const STALE = {
  face: 'stale',
  symbol: 'stale',
  title: { zh: '屏幕未更新', en: 'Screen not up to date' },
  advice: { zh: '正在重新连接，请稍候或联系工作人员', en: 'Reconnecting: please wait or ask our staff' },
};

const root = document.documentElement;
const byId = id => document.getElementById(id);

let source;
let connectedAt;
let heardAt = performance.now();
let drawn;

function draw(picture) {
  root.dataset.face = picture.face;
  byId('symbol').setAttribute('href', '#symbol-' + picture.symbol);
  write('title', picture.title);
  write('advice', picture.advice);
  byId('name').textContent = picture.name ?? '';
  byId('temperature').textContent = picture.temperature ?? '';
  write('notice', picture.notice ?? { zh: '', en: '' });
  root.toggleAttribute('data-identifies', picture.identifies === true);
}

function write(id, words) {
  for (const [place, language] of [['first', first], ['second', second]]) {
    const line = byId(`${id}-${place}`);
    line.lang = LANG[language];
    line.textContent = words[language];
  }
}

// Heartbeats repeat the picture; drawing it again would make a screen reader say it again.
function drawIfNew(json) {
  if (json === drawn)
    return;
  draw(JSON.parse(json));
  drawn = json;
}

function connect() {
  source?.close();
  connectedAt = performance.now();
  source = new EventSource('/kiosk/events' + (asked.has('lane') ? '?lane=' + encodeURIComponent(asked.get('lane')) : ''));
  source.addEventListener('version', event => reloadFor(event.data));
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
}

root.lang = LANG[first];
tick();
setInterval(tick, 1000);
setInterval(watch, 250);
connect();
