// A button [data-scan] puts the code that the phone's camera sees into the field it names. It shows only where the browser reads codes itself;
// everywhere else the number is typed.

const LOOK_EVERY_MS = 150;

/** The first code that is seen; null when the signal came before. Rejects when there is no camera, or it may not be used. */
async function scan(button, signal) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
  const video = document.createElement('video');
  try {
    video.playsInline = video.muted = true;
    video.srcObject = stream;
    video.setAttribute('aria-label', button.textContent);
    button.after(video);
    video.play().catch(() => { }); // ended before it began
    const detector = new BarcodeDetector({ formats: ['qr_code'] });
    while (!signal.aborted) {
      const codes = await detector.detect(video).catch(() => []); // no picture yet
      if (codes.length > 0)
        return codes[0].rawValue;
      await new Promise(done => setTimeout(done, LOOK_EVERY_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks())
      track.stop();
    video.remove();
  }
}

for (const button of document.querySelectorAll('button[data-scan]')) {
  const field = document.getElementById(button.dataset.scan);
  let scanning = null;
  button.hidden = !('BarcodeDetector' in globalThis && navigator.mediaDevices);
  button.addEventListener('click', async () => {
    if (scanning) {
      scanning.abort();
      return;
    }
    scanning = new AbortController();
    button.setAttribute('aria-pressed', 'true');
    try {
      const code = await scan(button, scanning.signal);
      if (code !== null) {
        field.value = code;
        navigator.vibrate?.(80);
        field.form.querySelector('input[type="password"]').focus();
      }
    } catch {
      button.disabled = true; // the number can still be typed
      field.focus();
    }
    button.setAttribute('aria-pressed', 'false');
    scanning = null;
  });
}
