// Speaks the prompts. A browser that was not told otherwise plays nothing before somebody has touched the page
// (hardware/deploy says how a kiosk's is told); then the page says so, and the first touch lets it speak.

export class Voice {
  #player = new Audio();
  #tell;

  /** tellBlocked(true) when the browser refused to play, tellBlocked(false) when it may again. */
  constructor(tellBlocked) {
    this.#tell = tellBlocked;
    for (const touch of ['pointerdown', 'keydown'])
      addEventListener(touch, () => this.#tell(false));
  }

  /** Cuts off what is still being said: it was about an earlier picture. Volume in percent; 0 is silence. */
  async say(language, prompt, volume) {
    if (volume <= 0) {
      this.#player.pause();
      return;
    }
    this.#player.src = `/kiosk/voice/${language}/${prompt}.wav`;
    this.#player.volume = volume / 100;
    try {
      await this.#player.play();
      this.#tell(false);
    } catch (refused) {
      // AbortError: the next prompt came. Others: a file that is missing is the gate's to report.
      if (refused.name === 'NotAllowedError')
        this.#tell(true);
    }
  }
}
