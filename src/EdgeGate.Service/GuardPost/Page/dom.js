// Builds elements. Text is only ever text: nothing the gate or a person says becomes markup.

/** h('button.go', { onclick, disabled }, 'text', child, null): a tag with classes, properties or attributes, and children. */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false)
      continue;
    if (key.startsWith('on'))
      element.addEventListener(key.slice(2), value);
    else
      element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

export const byId = id => document.getElementById(id);

/** Only when it differs: a text that is set again each second cannot be selected, and screen readers say it again. */
export function setText(element, text) {
  if (element.textContent !== text)
    element.textContent = text;
}

let hiding;

export function toast(text) {
  const line = byId('toast');
  line.textContent = text;
  line.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { line.hidden = true; }, 5000);
}

/** A button that sends once, however often it is pressed while the answer is on its way. */
export function button(kind, text, press) {
  const made = h(kind ? 'button.' + kind : 'button', { type: 'button' }, text);
  made.addEventListener('click', async () => {
    made.disabled = true;
    try {
      await press();
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

/**
 * A field for codes: a wedge scanner types where the cursor is, so it has the cursor, but no keyboard on the glass until somebody touches it to type.
 * @param taken called with each code
 */
export function codeField(id, label, taken) {
  const field = h('input', { id, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', enterkeyhint: 'send', inputmode: 'none', onpointerdown: () => { field.inputMode = 'text'; } });
  const element = h('form', {
    onsubmit: async event => {
      event.preventDefault();
      const code = field.value.trim();
      field.value = '';
      field.inputMode = 'none';
      if (code)
        await taken(code);
    },
  }, h('label', { for: id }, label), field);
  return { element, focus: () => field.focus() };
}

export function openSheet(...children) {
  const sheet = byId('sheet');
  sheet.replaceChildren(...children.flat().filter(Boolean));
  if (!sheet.open)
    sheet.showModal();
  sheet.scrollTop = 0;
}

export const closeSheet = () => byId('sheet').close();
