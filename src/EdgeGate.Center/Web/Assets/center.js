// What a page with [data-refresh] needs: asks for itself again every so many seconds and takes over the parts that are marked, each by its id.
// The rest works without scripts.

const ANSWER_WITHIN_MS = 10_000;

/** The page anew, as a document in which nothing runs. */
function load() {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('GET', location.href);
    request.responseType = 'document';
    request.timeout = ANSWER_WITHIN_MS;
    request.setRequestHeader('X-Refresh', '1');
    request.onload = () => request.status === 200 && request.response ? resolve(request.response) : reject(new Error(String(request.status)));
    request.onerror = request.ontimeout = () => reject(new Error('offline'));
    request.send();
  });
}

async function refresh() {
  const link = document.getElementById('link');
  try {
    const fresh = await load();
    if (fresh.querySelector('#password[autocomplete="current-password"]') && !document.getElementById('password')) {
      location.reload(); // signed out meanwhile
      return;
    }
    for (const part of document.querySelectorAll('[data-refresh]')) {
      const next = fresh.getElementById(part.id);
      // Not under somebody's hands: what is being typed or about to be pressed stays.
      const isInUse = part.contains(document.activeElement) && document.activeElement.matches('a, button, input, select, textarea');
      if (next && !isInUse && part.innerHTML !== next.innerHTML)
        part.replaceWith(document.adoptNode(next));
    }
    link.hidden = true;
  } catch {
    link.hidden = false;
  }
}

const seconds = Math.min(...[...document.querySelectorAll('[data-refresh]')].map(part => Number(part.dataset.refresh)));
if (Number.isFinite(seconds)) {
  let busy = false;
  setInterval(async () => {
    if (busy || document.hidden)
      return;
    busy = true;
    await refresh();
    busy = false;
  }, seconds * 1000);
}

for (const button of document.querySelectorAll('button[data-print]'))
  button.addEventListener('click', () => print());

// A click on a plan fills in the place, in thousandths of its width and height.
const [plan, x, y] = [document.querySelector('[data-plan]'), document.getElementById('x'), document.getElementById('y')];
if (plan && x && y) {
  plan.addEventListener('click', event => {
    event.preventDefault(); // a gate on it is a link
    const box = plan.getBoundingClientRect();
    x.value = String(Math.round(1000 * (event.clientX - box.left) / box.width));
    y.value = String(Math.round(1000 * (event.clientY - box.top) / box.height));
  });
}
