// People without card or phone: registering, finding residents, and the visitors of lately one touch away.

import { get, post } from '/guard/api.js';
import { button, closeSheet, h, openSheet, toast } from '/guard/dom.js';
import { showPass } from '/guard/pass.js';
import { fault, tidy } from '/guard/idnumber.js';
import { attempt } from '/guard/live.js';
import { newId, sendOrKeep } from '/guard/outbox.js';
import { say } from '/guard/words.js';

const PURPOSES = { visit: 'visit', delivery: 'delivery', work: 'work', other: 'otherPurpose' };
/** How often it is asked again, once a second, whether who was sent to a lane has gone through: longer than anybody stands there. */
const LOOKS = 60;
const STATES = { expected: 'visitorExpected', 'at-lane': 'visitorAtLane', inside: 'visitorInside', left: 'visitorLeft' };

export class VisitorsView {
  #lanes = [];
  #expected = h('ul.list');
  #recent = h('ul.list');
  #found = h('ul.list');
  #find = h('input', { id: 'find', autocomplete: 'off', placeholder: say('findHint'), 'aria-label': say('findResident') });
  #chosen = null;
  #printsPasses;
  #drawn = '';
  #looks = 0;

  constructor(session) {
    this.#printsPasses = session.printsPasses;
    this.#find.addEventListener('input', () => this.#search());
    this.element = h('div', {}, h('h1', {}, say('visitors')),
      h('div.row', {}, button('main', say('register'), () => this.#openForm()), button('', say('announce'), () => this.#openExpect())),
      h('h2', {}, say('findResident')), this.#find, this.#found,
      h('h2', {}, say('expected')), this.#expected,
      h('h2', {}, say('recent')), this.#recent);
  }

  enter() {
    this.#load();
  }

  hear(picture) {
    this.#lanes = picture.lanes;
    if (this.#looks > 0 && this.element.isConnected) {
      this.#looks--;
      this.#look();
    }
  }

  async #load() {
    this.#looks = LOOKS;
    this.#drawn = '';
    await attempt(() => this.#draw());
  }

  /** Quietly: a look that fails is followed by another. */
  async #look() {
    try {
      await this.#draw();
    } catch { /* the next one tells */ }
  }

  async #draw() {
    const { visitors } = await get('visitors');
    if (!visitors.some(visitor => visitor.state === 'at-lane'))
      this.#looks = 0;
    const drawn = JSON.stringify(visitors);
    if (drawn === this.#drawn)
      return; // a button that is just being touched stays where it is
    this.#drawn = drawn;
    const expected = visitors.filter(visitor => visitor.state === 'expected');
    this.#expected.replaceChildren(...expected.map(visitor => this.#row(visitor,
      button('main', say('arrived'), () => this.#openForm({ unit: visitor.unit, purpose: visitor.purpose, expected: visitor.id })),
      button('', say('crossOff'), () => this.#left(visitor)))));
    if (expected.length === 0)
      this.#expected.replaceChildren(h('li.soft', {}, say('nobody')));
    const recent = visitors.filter(visitor => visitor.state !== 'expected');
    this.#recent.replaceChildren(...recent.map(visitor => this.#row(visitor,
      visitor.state === 'inside' && this.#printsPasses ? this.#passButton(visitor) : null,
      visitor.state === 'at-lane' ? button('', say('crossOff'), () => this.#left(visitor)) : null,
      visitor.state === 'inside' ? button('', say('checkOut'), () => this.#left(visitor)) : button('main', say('comesAgain'), () => this.#vouch(visitor.person, visitor)))));
    if (recent.length === 0)
      this.#recent.replaceChildren(h('li.soft', {}, say('nobody')));
  }

  #row(visitor, ...buttons) {
    const about = [say(STATES[visitor.state]), say(PURPOSES[visitor.purpose]), visitor.companions > 0 ? say('withOthers', visitor.companions) : null, visitor.at];
    return h('li', {}, h('span.grow', {}, [visitor.name ?? say('stranger'), visitor.unit].filter(Boolean).join(' · '), h('small', {}, about.filter(Boolean).join(' · '))), ...buttons);
  }

  #passButton(visitor) {
    const form = newId(); // one for this button: touched twice, it is one pass
    return button('main', say('pass'), () => this.#pass(visitor, form));
  }

  async #pass(visitor, form) {
    await attempt(async () => showPass(await post('pass', { form, visitor: visitor.id })));
  }

  async #left(visitor) {
    if (await attempt(() => post('visitor-left', { visitor: visitor.id })))
      await this.#load();
  }

  /** Somebody the gate knows: which lane, then no more typing. */
  #vouch(person, { name, unit }) {
    return this.#chooseLane([name, unit].filter(Boolean).join(' · '), async lane => {
      if (await attempt(() => post('vouch', { lane, person }))) {
        toast(say('atLane', lane));
        closeSheet();
        await this.#load();
      }
    });
  }

  #chooseLane(about, chosen) {
    if (this.#lanes.length === 1)
      return chosen(this.#lanes[0].id);
    openSheet(h('h1', { id: 'sheet-title' }, say('whichLane')), h('p.soft', {}, about),
      h('div.choices', {}, ...this.#lanes.map(lane => button('', `${lane.id} · ${say(lane.direction)}`, () => chosen(lane.id))),
        h('button', { type: 'button', onclick: closeSheet }, say('cancel'))));
    return Promise.resolve();
  }

  #searching = 0;

  #search() {
    clearTimeout(this.#searching);
    this.#searching = setTimeout(async () => {
      const find = this.#find.value.trim();
      if (!find) {
        this.#found.replaceChildren();
        return;
      }
      await attempt(async () => {
        const { residents } = await post('residents', { find });
        this.#found.replaceChildren(...residents.map(resident => h('li', {},
          h('span.grow', {}, `${resident.unit} · ${resident.name}`, h('small', {}, resident.status)),
          button('main', say('isHere'), () => this.#vouch(resident.person, resident)))));
        if (residents.length === 0)
          this.#found.replaceChildren(h('li.soft', {}, say('nobodyFound')));
      });
    }, 350);
  }

  #openForm({ unit = '', purpose = 'visit', expected } = {}) {
    const number = h('input', { id: 'number', inputmode: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: '22', required: true, 'aria-describedby': 'number-hint' });
    const hint = h('p.hint', { id: 'number-hint', role: 'status' });
    const name = h('input', { id: 'name', autocomplete: 'off', maxlength: '40', required: true });
    const visited = h('input', { id: 'unit', autocomplete: 'off', maxlength: '32', value: unit });
    const companions = h('input', { id: 'companions', type: 'number', min: '0', max: '50', value: '0', inputmode: 'numeric' });
    this.#chosen = purpose;
    const check = isWhole => {
      const wrong = tidy(number.value).length === 18 || isWhole ? fault(number.value) : fault(number.value) === 'numberLetters' ? 'numberLetters' : null;
      number.setAttribute('aria-invalid', String(Boolean(wrong)));
      hint.classList.toggle('fault', Boolean(wrong));
      hint.textContent = wrong ? say(wrong) : tidy(number.value).length === 18 ? '✓' : `${tidy(number.value).length} / 18`;
      return !wrong;
    };
    number.addEventListener('input', () => check(false));
    const send = h('button.main.wide', { type: 'submit' }, say('register'));
    const form = newId(); // one for this sheet: pressed twice, or sent again, it is one visitor
    openSheet(h('form', {
      novalidate: true,
      onsubmit: async event => {
        event.preventDefault();
        if (!check(true)) {
          number.focus();
          return;
        }
        if (!name.value.trim()) {
          name.setAttribute('aria-invalid', 'true');
          name.focus();
          return;
        }
        send.disabled = true;
        await this.#chooseLaneInForm(send, lane => this.#send({
          form, lane, number: tidy(number.value), name: name.value.trim(), unit: visited.value.trim(), purpose: this.#chosen, companions: Number(companions.value) || 0,
        }, expected));
        send.disabled = false;
      },
    },
    h('h1', { id: 'sheet-title' }, say('register')),
    h('label', { for: 'number' }, say('idNumber')), number, hint,
    h('label', { for: 'name' }, say('name')), name,
    h('label', { for: 'unit' }, say('visits')), visited,
    this.#purposes(),
    h('label', { for: 'companions' }, say('companions')), companions, send),
    h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
    number.focus();
  }

  #chooseLaneInForm(send, chosen) {
    if (this.#lanes.length <= 1)
      return chosen(this.#lanes[0]?.id);
    send.replaceWith(h('div.choices', {}, h('p', {}, say('whichLane')), ...this.#lanes.map(lane => button('main', `${lane.id} · ${say(lane.direction)}`, () => chosen(lane.id)))));
    return Promise.resolve();
  }

  async #send(form, expected) {
    await attempt(async () => {
      const sent = await sendOrKeep('register', form, ({ lane, ...rest }) => ({ ...rest, enteredAt: new Date().toISOString() }));
      toast(sent ? say('atLane', form.lane) : say('kept'));
      closeSheet();
      if (sent && expected)
        await post('visitor-left', { visitor: expected });
      if (sent)
        await this.#load();
    });
  }

  #openExpect() {
    const name = h('input', { id: 'name', autocomplete: 'off', maxlength: '40', required: true });
    const unit = h('input', { id: 'unit', autocomplete: 'off', maxlength: '32', required: true });
    this.#chosen = 'visit';
    const form = newId();
    openSheet(h('form', {
      onsubmit: async event => {
        event.preventDefault();
        await attempt(async () => {
          const sent = await sendOrKeep('expect', { form, name: name.value.trim(), unit: unit.value.trim(), purpose: this.#chosen }, whole => whole);
          toast(sent ? say('done') : say('kept'));
          closeSheet();
          if (sent)
            await this.#load();
        });
      },
    },
    h('h1', { id: 'sheet-title' }, say('announce')),
    h('label', { for: 'unit' }, say('visits')), unit, h('label', { for: 'name' }, say('name')), name, this.#purposes(),
    h('button.main.wide', { type: 'submit' }, say('announce'))),
    h('div.choices', {}, h('button.wide', { type: 'button', onclick: closeSheet }, say('cancel'))));
    unit.focus();
  }

  #purposes() {
    const buttons = Object.entries(PURPOSES).map(([purpose, word]) => h('button', { type: 'button', 'aria-pressed': String(purpose === this.#chosen), onclick: event => {
      this.#chosen = purpose;
      for (const other of buttons)
        other.setAttribute('aria-pressed', String(other === event.currentTarget));
    } }, say(word)));
    return h('div.pick', { role: 'group', 'aria-label': say('purpose') }, ...buttons);
  }
}
