namespace EdgeGate.SystemTests.GuardPost;

/// <summary>
/// What a guard with gloves, or one who hears the page, would call a fault, found in the page itself: a text of too little contrast, a
/// button too small to hit or without a name, a field without a label, a page wider than the phone.
/// </summary>
internal static class PageFaults
{
    /// <summary>Evaluates to an array of sentences, empty when all is well.</summary>
    public const string Script = """
        () => {
          const faults = [];
          const parse = colour => (colour.match(/[\d.]+/g) ?? []).map(Number);
          const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map(part => part / 255).map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
            return .2126 * x + .7152 * y + .0722 * z;
          };
          const ground = element => {
            for (let at = element; at; at = at.parentElement) {
              const colour = parse(getComputedStyle(at).backgroundColor);
              if (colour.length === 3 || colour[3] === 1)
                return colour;
            }
            return [255, 255, 255];
          };
          const seen = element => element.checkVisibility() && element.getBoundingClientRect().width > 0;
          if (document.scrollingElement.scrollWidth > innerWidth)
            faults.push(`wider than the phone: ${document.scrollingElement.scrollWidth}`);
          const scope = document.querySelector('dialog[open]') ?? document.body;
          for (const element of scope.querySelectorAll('*')) {
            if (!seen(element) || element.closest('[disabled]'))
              continue;
            const hasText = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
            if (hasText && !element.closest('svg')) {
              const [low, high] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => a - b);
              const contrast = (high + .05) / (low + .05);
              if (contrast < 4.5)
                faults.push(`contrast ${contrast.toFixed(2)}: "${element.textContent.trim().slice(0, 20)}"`);
              if (parseFloat(getComputedStyle(element).fontSize) < 15)
                faults.push(`small print: "${element.textContent.trim().slice(0, 20)}"`);
            }
          }
          for (const control of scope.querySelectorAll('button, input, textarea, select, a')) {
            if (!seen(control))
              continue;
            const { width, height } = control.getBoundingClientRect();
            if (width < 48 || height < 48)
              faults.push(`too small for gloves: ${control.textContent || control.id} ${width} x ${height}`);
            const name = control.getAttribute('aria-label') ?? (control.labels?.length ? control.labels[0].textContent : control.textContent);
            if (!name.trim())
              faults.push(`without a name: ${control.outerHTML.slice(0, 60)}`);
          }
          return faults;
        }
        """;
}
