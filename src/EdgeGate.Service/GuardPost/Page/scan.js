// A phone or a wedge scanner as a reader of a lane: codes go to the gate and through the lane's rules.

import { post } from '/guard/api.js';
import { button, h, toast } from '/guard/dom.js';
import { attempt } from '/guard/live.js';
import { both, say } from '/guard/words.js';

const LOOK_EVERY_MS = 150;
const SAME_CODE_AGAIN_MS = 5000;

export class ScanView {
  #lanes = [];
  #lane = null;
  #code = h('input', { id: 'code', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', enterkeyhint: 'send', inputmode: 'none', 'aria-label': say('code') });
  #answer = h('p.answer', { 'aria-live': 'assertive', hidden: true });
  #which = h('div.pick');
  #camera = h('div');
  #stream = null;
  #last = { code: null, at: 0 };

  constructor() {
    const form = h('form', {
      onsubmit: async event => {
        event.preventDefault();
        const code = this.#code.value.trim();
        this.#code.value = '';
        if (code)
          await this.#send(code);
      },
    }, h('label', { for: 'code' }, say('wedgeHint')), this.#code);
    this.element = h('div', {}, this.#which, this.#answer, form, this.#camera);
    if (!navigator.mediaDevices)
      this.#camera.append(h('p.hint', {}, say('noCamera')));
    else if (!('BarcodeDetector' in globalThis))
      this.#camera.append(h('p.hint', {}, say('noDetector')));
    else
      this.#camera.append(button('wide', say('camera'), () => this.#startCamera()));
  }

  enter() {
    this.#code.focus(); // a wedge scanner types where the cursor is
  }

  leave() {
    this.#stopCamera();
  }

  hear(picture) {
    const lanes = picture.lanes.filter(lane => lane.isHandheld);
    if (lanes.map(lane => lane.id).join() !== this.#lanes.map(lane => lane.id).join() || !this.#lane) {
      this.#lane ??= lanes[0]?.id ?? null;
      this.#which.replaceChildren(...(lanes.length === 0 ? [h('p.fault', {}, say('noHandheld'))] : lanes.map(lane => h('button', {
        type: 'button', 'aria-pressed': String(lane.id === this.#lane), onclick: event => {
          this.#lane = lane.id;
          for (const other of this.#which.children)
            other.setAttribute('aria-pressed', String(other === event.currentTarget));
        },
      }, lane.id))));
    }
    this.#lanes = lanes;
    const mine = lanes.find(lane => lane.id === this.#lane);
    const shows = mine && ['granted', 'denied', 'see-guard'].includes(mine.face);
    this.#answer.hidden = !shows;
    if (shows && this.#answer.dataset.key !== JSON.stringify([mine.face, mine.title, mine.name])) {
      this.#answer.dataset.key = JSON.stringify([mine.face, mine.title, mine.name]);
      this.#answer.dataset.face = mine.face;
      const [first, second] = both(mine.title);
      this.#answer.replaceChildren([first, mine.name].filter(Boolean).join(' · '), h('small', {}, second));
    }
  }

  async #send(code) {
    if (!this.#lane) {
      toast(say('noHandheld'));
      return;
    }
    await attempt(() => post('scan', { lane: this.#lane, code }));
    this.#code.focus();
  }

  async #startCamera() {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch {
      toast(say('cameraRefused'));
      return;
    }
    const video = h('video', { playsinline: true, muted: true, autoplay: true });
    video.muted = true;
    video.srcObject = this.#stream;
    this.#camera.replaceChildren(video, button('wide', say('stopCamera'), () => this.#stopCamera()));
    await video.play();
    this.#look(video, new BarcodeDetector({ formats: ['qr_code', 'code_128', 'pdf417', 'data_matrix'] }), this.#stream);
  }

  async #look(video, detector, stream) {
    while (this.#stream === stream) {
      try {
        const [found] = await detector.detect(video);
        const now = performance.now();
        if (found && (found.rawValue !== this.#last.code || now - this.#last.at > SAME_CODE_AGAIN_MS)) {
          this.#last = { code: found.rawValue, at: now };
          navigator.vibrate?.(80);
          await this.#send(found.rawValue);
        }
      } catch { /* no picture yet */ }
      await new Promise(done => setTimeout(done, LOOK_EVERY_MS));
    }
  }

  #stopCamera() {
    for (const track of this.#stream?.getTracks() ?? [])
      track.stop();
    if (this.#stream)
      this.#camera.replaceChildren(button('wide', say('camera'), () => this.#startCamera()));
    this.#stream = null;
  }
}
