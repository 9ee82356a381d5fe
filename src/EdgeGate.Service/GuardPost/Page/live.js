// The live view: whoever waits for a guard first, then the lanes, then what became of the last ones.

import { Failure, get, post } from '/guard/api.js';
import { button, byId, closeSheet, h, openSheet, setText, toast } from '/guard/dom.js';
import { both, say } from '/guard/words.js';

const GRANT = ['document-checked', 'known-resident', 'measured-by-hand', 'escorted', 'emergency', 'other'];
const DENY = ['not-permitted', 'unwell', 'document-doubtful', 'other'];
const OPEN = ['pram-or-wheelchair', 'delivery', 'vehicle', 'emergency', 'other'];
const MODES = ['normal', 'entry-only', 'exit-only', 'closed', 'free'];

/** A sentence for what went wrong. */
export function explain(failure) {
  if (!(failure instanceof Failure))
    throw failure;
  const { by, end, wait } = failure.details;
  if (failure.word === 'gone' && by)
    return say('answeredBy', by, say(end));
  return say(failure.word, wait);
}

export class LiveView {
  #cases = new Map(); // decision → its card: a card is changed and not made anew, or it would slip from under the finger
  #waiting = h('section', { 'aria-live': 'polite' });
  #calm = h('p.calm', { hidden: true });
  #lanes = h('section');
  #ended = h('ul.list');
  #lately = h('h2', {}, say('lately'));
  #role;

  constructor(role) {
    this.#role = role;
    this.element = h('div', {}, h('h1.unseen', {}, say('live')), this.#calm, this.#waiting, h('h2', {}, say('lanes')), this.#lanes, this.#lately, this.#ended);
  }

  /** @returns how many cases are new since the last picture */
  draw(picture) {
    const waiting = picture.lanes.filter(lane => lane.waiting).sort((one, other) => other.waiting.waited - one.waiting.waited);
    const fresh = waiting.filter(lane => !this.#cases.has(lane.waiting.decision)).length;
    for (const [decision, card] of this.#cases) {
      if (!waiting.some(lane => lane.waiting.decision === decision)) {
        card.element.remove();
        this.#cases.delete(decision);
      }
    }
    for (const lane of waiting) {
      let card = this.#cases.get(lane.waiting.decision);
      if (!card) {
        card = this.#newCase(lane);
        this.#cases.set(lane.waiting.decision, card);
        this.#waiting.append(card.element); // below those that wait longer, so that nothing moves
      }
      setText(card.waited, duration(lane.waiting.waited));
    }
    this.#calm.hidden = waiting.length > 0;
    setText(this.#calm, say('nobodyWaits'));
    this.#drawLanes(picture.lanes);
    this.#drawEnded(picture.ended);
    return fresh;
  }

  #newCase(lane) {
    const { waiting } = lane;
    const waited = h('span.waited');
    const name = waiting.name ?? say('stranger');
    const element = h('article.case.fresh', { 'data-decision': waiting.decision },
      h('p.top', {}, h('span.name', {}, name), h('span.soft', {}, lane.id), waited),
      waiting.unit || waiting.celsius !== undefined
        ? h('p.soft', {}, [waiting.unit, waiting.celsius !== undefined ? waiting.celsius.toFixed(1) + ' °C' : null].filter(Boolean).join(' · ')) : null,
      waiting.reasons.map(reason => { const [first, second] = both(reason); return h('p.reason', {}, first, h('small', {}, second)); }),
      waiting.needsSupervisor ? h('p.fault', {}, say('needsSupervisor')) : null,
      h('div.row', {},
        button('stop', say('refuse'), () => this.#choose(lane, 'denied', 'whyRefuse', DENY)),
        button('go', say('letPass'), () => this.#choose(lane, 'granted', 'whyLetPass', GRANT))),
      lane.canMeasureAgain
        ? h('div.row.more', {}, button('', say('measureAgain'), () => this.#answer({ lane: lane.id, decision: waiting.decision, wish: 'measured-again' }))) : null);
    return { element, waited };
  }

  #choose(lane, wish, question, reasons) {
    const { waiting } = lane;
    chooseReason(say(question), `${waiting.name ?? say('stranger')} · ${lane.id}`, reasons, async (reason, note) => {
      const form = { lane: lane.id, decision: waiting.decision, wish, reason, note };
      if (wish === 'granted' && waiting.needsSupervisor && this.#role === 'guard')
        askSupervisor(form, approved => this.#answer(approved));
      else
        await this.#answer(form);
    });
  }

  async #answer(form) {
    try {
      const done = await post('answer', form);
      toast(done.notOpened ? say('notOpened', done.notOpened) : say(form.wish));
      if (byId('sheet').open)
        closeSheet();
    } catch (failure) {
      toast(explain(failure));
      if (failure.word !== 'not-approved' && byId('sheet').open)
        closeSheet();
    }
  }

  #drawLanes(lanes) {
    if (this.#lanes.children.length !== lanes.length) {
      this.#lanes.replaceChildren(...lanes.map(() => {
        const row = h('button.lane', { type: 'button' }, h('span.face', { 'aria-hidden': 'true' }), h('span.says', {}, h('span'), h('small')));
        row.addEventListener('click', () => this.#openLane(row.lane));
        return row;
      }));
    }
    for (const [index, lane] of lanes.entries()) {
      const row = this.#lanes.children[index];
      row.lane = lane;
      row.dataset.face = lane.face;
      const says = row.querySelector('.says');
      setText(says.firstElementChild, [both(lane.title)[0], lane.name].filter(Boolean).join(' · '));
      setText(says.lastElementChild, [lane.id, say(lane.direction), lane.mode === 'normal' ? null : say(lane.mode)].filter(Boolean).join(' · '));
    }
  }

  #drawEnded(ended) {
    this.#lately.hidden = ended.length === 0;
    const key = JSON.stringify(ended);
    if (this.#ended.dataset.key === key)
      return;
    this.#ended.dataset.key = key;
    this.#ended.replaceChildren(...ended.map(one => h('li', {},
      h('span.soft', {}, one.at),
      h('span.grow', {}, `${one.name ?? say('stranger')} · ${say(one.end)}`, h('small', {}, [one.by, one.lane].filter(Boolean).join(' · '))))));
  }

  #openLane(lane) {
    const actions = [button('main', say('openOnce'), () => attempt(() => this.#openOnce(lane)))];
    if (this.#role !== 'guard') {
      actions.push(h('h2', {}, say('mode')), ...MODES.map(mode => {
        const made = button('', say(mode), () => attempt(async () => {
          await post('mode', { lane: lane.id, mode });
          toast(`${lane.id} · ${say(mode)}`);
          closeSheet();
        }));
        made.setAttribute('aria-pressed', String(!lane.followsHours && lane.mode === mode));
        return made;
      }), this.#followHours(lane));
    }
    openSheet(h('h1', { id: 'sheet-title' }, lane.id), h('p.soft', {}, both(lane.title).join(' · ')), h('div.choices', {}, ...actions), h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel')));
  }

  /** Asks for whom, where a visitor was sent to a lane and has not gone through: only then it is known that they have. */
  async #openOnce(lane) {
    const { visitors } = await get('visitors');
    const waiting = visitors.filter(visitor => visitor.state === 'at-lane');
    const ask = visitor => chooseReason(say('whyOpen'), [lane.id, visitor && nameOf(visitor)].filter(Boolean).join(' · '), OPEN, async (reason, note) => {
      await attempt(async () => {
        const done = await post('open', { lane: lane.id, reason, note, visitor: visitor?.id });
        toast(done.notOpened ? say('notOpened', done.notOpened) : say('opened'));
        closeSheet();
      });
    });
    if (waiting.length === 0) {
      ask();
      return;
    }
    openSheet(h('h1', { id: 'sheet-title' }, say('openForWhom')), h('p.soft', {}, lane.id),
      h('div.choices', {}, ...waiting.map(visitor => button('', nameOf(visitor), () => ask(visitor))), button('', say('somebodyElse'), () => ask())),
      h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel')));
  }

  #followHours(lane) {
    const made = button('', say('byHours'), () => attempt(async () => {
      await post('mode', { lane: lane.id, byHours: true });
      toast(`${lane.id} · ${say('byHours')}`);
      closeSheet();
    }));
    made.setAttribute('aria-pressed', String(lane.followsHours));
    return made;
  }
}

/** Runs it and says what went wrong, if anything did. @returns whether it went well */
export async function attempt(run) {
  try {
    await run();
    return true;
  } catch (failure) {
    toast(explain(failure));
    return false;
  }
}

function nameOf(visitor) {
  return [visitor.name ?? say('stranger'), visitor.unit].filter(Boolean).join(' · ');
}

function chooseReason(question, about, reasons, chosen) {
  const note = h('input', { id: 'note', maxlength: '200', autocomplete: 'off' });
  openSheet(
    h('h1', { id: 'sheet-title' }, question), h('p.soft', {}, about),
    h('div.choices', {}, ...reasons.map(reason => button('', say(reason), async () => {
      if (reason === 'other' && !note.value.trim()) {
        note.focus();
        note.setAttribute('aria-invalid', 'true');
        return;
      }
      await chosen(reason, note.value.trim() || undefined);
    }))),
    h('label', { for: 'note' }, say('note')), note,
    h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
}

function askSupervisor(form, approved) {
  const account = h('input', { id: 'supervisor', autocomplete: 'off', autocapitalize: 'none', required: true });
  const secret = h('input', { id: 'supervisor-pin', type: 'password', inputmode: 'numeric', autocomplete: 'off', required: true });
  const send = h('button.go.wide', { type: 'submit' }, say('letPass'));
  openSheet(
    h('h1', { id: 'sheet-title' }, say('needsSupervisor')),
    h('form', {
      onsubmit: async event => {
        event.preventDefault();
        send.disabled = true;
        await approved({ ...form, supervisor: account.value.trim(), supervisorSecret: secret.value });
        send.disabled = false;
        secret.value = '';
      },
    }, h('label', { for: 'supervisor' }, say('supervisorAccount')), account, h('label', { for: 'supervisor-pin' }, say('supervisorPin')), secret, send),
    h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
}

const duration = seconds => seconds < 60 ? say('seconds', seconds) : say('minutes', Math.floor(seconds / 60), String(seconds % 60).padStart(2, '0'));
