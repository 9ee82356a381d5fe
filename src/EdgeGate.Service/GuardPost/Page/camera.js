// The phone's camera as a reader of codes: by the browser itself where it can, else by the module that an installer put on the gate.

import { button, h, toast } from '/guard/dom.js';
import { newCameraWorker } from '/guard/workers.js';
import { say } from '/guard/words.js';

const LOOK_EVERY_MS = 150;
const SAME_CODE_AGAIN_MS = 5000;
const WIDEST = 960; // a code held before the phone fills much of the picture; more only takes time

export class CodeCamera {
  element = h('div.camera');
  #hasModule;
  #taken;
  #stream = null;
  #turn = 0; // of being switched on or off: a picture that was asked for before comes too late
  #last = { code: null, at: 0 };

  /**
   * @param hasModule whether the gate has a module for browsers that read no codes
   * @param taken called with each code
   */
  constructor(hasModule, taken) {
    this.#hasModule = hasModule;
    this.#taken = taken;
    this.#rest();
  }

  /** To be called when the view is left: a camera that nobody looks through is off. */
  stop() {
    this.#turn++;
    if (!this.#stream)
      return;
    for (const track of this.#stream.getTracks())
      track.stop();
    this.#stream = null;
    this.#rest();
  }

  #rest() {
    const canRead = 'BarcodeDetector' in globalThis || this.#hasModule;
    this.element.replaceChildren(
      !navigator.mediaDevices ? h('p.hint', {}, say('noCamera'))
        : !canRead ? h('p.hint', {}, say('noDetector'))
          : button('wide', say('camera'), () => this.#start()));
  }

  async #start() {
    const turn = ++this.#turn;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
    } catch {
      toast(say('cameraRefused'));
      return;
    }
    if (turn !== this.#turn) { // the view was left while the phone asked for permission, or the button was pressed twice
      for (const track of stream.getTracks())
        track.stop();
      return;
    }
    this.#stream = stream;
    const video = h('video', { playsinline: true, 'aria-label': say('cameraPicture') });
    video.muted = true;
    video.srcObject = stream;
    this.element.replaceChildren(video, button('wide', say('stopCamera'), () => this.stop()));
    let eyes;
    try {
      await video.play();
      eyes = 'BarcodeDetector' in globalThis ? new BrowserEyes() : await ModuleEyes.open();
    } catch {
      if (this.#stream === stream) {
        toast(say('moduleFailed'));
        this.stop();
      }
      return;
    }
    await this.#look(video, eyes, stream);
    eyes.close();
  }

  async #look(video, eyes, stream) {
    while (this.#stream === stream) {
      const code = await eyes.read(video);
      const now = performance.now();
      if (code && this.#stream === stream && (code !== this.#last.code || now - this.#last.at > SAME_CODE_AGAIN_MS)) {
        this.#last = { code, at: now };
        navigator.vibrate?.(80);
        await this.#taken(code);
      }
      await new Promise(done => setTimeout(done, LOOK_EVERY_MS));
    }
  }
}

class BrowserEyes {
  #detector = new BarcodeDetector({ formats: ['qr_code', 'code_128', 'pdf417', 'data_matrix'] });

  async read(video) {
    try {
      return (await this.#detector.detect(video))[0]?.rawValue ?? null;
    } catch {
      return null; // no picture yet
    }
  }

  close() { }
}

class ModuleEyes {
  #worker;
  #paper = document.createElement('canvas').getContext('2d', { willReadFrequently: true });

  /** Rejects when the module cannot be loaded. */
  static async open() {
    const worker = newCameraWorker();
    await new Promise((ready, failed) => {
      worker.onmessage = ready;
      worker.onerror = failed;
    });
    const eyes = new ModuleEyes();
    eyes.#worker = worker;
    return eyes;
  }

  async read(video) {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    if (!width || !height)
      return null; // no picture yet
    const { canvas } = this.#paper;
    if (canvas.width !== width || canvas.height !== height)
      [canvas.width, canvas.height] = [width, height];
    this.#paper.drawImage(video, 0, 0, width, height);
    const picture = this.#paper.getImageData(0, 0, width, height);
    const answer = new Promise(done => {
      this.#worker.onmessage = done;
      this.#worker.onerror = () => done({ data: {} });
    });
    this.#worker.postMessage(picture, [picture.data.buffer]);
    return (await answer).data.code ?? null;
  }

  close() {
    this.#worker.terminate();
  }
}
