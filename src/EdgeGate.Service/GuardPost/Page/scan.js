// A phone or a wedge scanner as a reader of a lane: codes go to the gate and through the lane's rules.

import { post } from '/guard/api.js';
import { CodeCamera } from '/guard/camera.js';
import { codeField, h, toast } from '/guard/dom.js';
import { attempt } from '/guard/live.js';
import { both, say } from '/guard/words.js';

export class ScanView {
  #lanes = [];
  #lane = null;
  #code = codeField('code', say('wedgeHint'), code => this.#send(code));
  #answer = h('p.answer', { 'aria-live': 'assertive', hidden: true });
  #which = h('div.pick', { role: 'group', 'aria-label': say('handheldLane') });
  #camera;

  constructor(session) {
    this.#camera = new CodeCamera(session.cameraModule, code => this.#send(code));
    this.element = h('div', {}, h('h1', {}, say('scan')), this.#which, this.#answer, this.#code.element, this.#camera.element);
  }

  enter() {
    this.#code.focus();
  }

  leave() {
    this.#camera.stop();
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
}
