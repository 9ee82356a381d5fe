namespace EdgeGate.SystemTests.Kiosk;

/// <summary>
/// What a person at the gate would call a fault, found in the page itself: scrolling, text outside the screen, overlaps, a missing
/// symbol, a title too small, and contrast (WCAG 2.2, 1.4.6) of the ink on both ends of the background.
/// </summary>
internal static class LayoutFaults
{
    /// <summary>Evaluates to an array of sentences, empty when all is well.</summary>
    public const string Script = """
        () => {
          const faults = [];
          const page = document.scrollingElement;
          if (page.scrollWidth > innerWidth || page.scrollHeight > innerHeight)
            faults.push(`scrolls: ${page.scrollWidth} x ${page.scrollHeight}`);

          const boxes = [...document.querySelectorAll('header p, header button, aside > span, .disc, .person, h1 span, .advice, .advice span')];
          for (const element of boxes) {
            const range = document.createRange();
            range.selectNodeContents(element);
            for (const { left, top, right, bottom } of [element.getBoundingClientRect(), range.getBoundingClientRect()])
              if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight)
                faults.push(`outside: ${element.className || element.id} ${left} ${top} ${right} ${bottom}`);
          }
          const blocks = ['header', 'aside', '.disc', '.person', 'h1', '.advice'].map(selector => document.querySelector(selector));
          for (const [i, one] of blocks.entries())
            for (const other of blocks.slice(i + 1)) {
              const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
              if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1)
                faults.push(`overlap: ${one.className || one.tagName} and ${other.className || other.tagName}`);
            }

          const symbol = document.querySelector('#symbol').getBBox();
          if (!(symbol.width > 20))
            faults.push('no symbol');

          // Of a 7 inch screen's narrower side (91 mm) this is 14 mm for Chinese, 9 mm for English: read from 3 m with ease.
          const title = document.querySelector('#title-first');
          const size = parseFloat(getComputedStyle(title).fontSize) / Math.min(innerWidth, innerHeight);
          if (size < (title.lang === 'en' ? .1 : .16))
            faults.push(`title too small: ${size} of the screen`);

          const light = colour => {
            const [r, g, b] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16) / 255)
              .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
            return .2126 * r + .7152 * g + .0722 * b;
          };
          const variable = name => {
            const colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
            return colour.length === 4 ? '#' + [...colour.slice(1)].map(digit => digit + digit).join('') : colour;
          };
          const contrast = (one, other) => {
            const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
            return (high + .05) / (low + .05);
          };
          for (const [ink, ground] of [['--ink', '--ground'], ['--ink', '--shade']].map(pair => pair.map(variable)).concat([[variable('--glyph'), variable('--disc')]]))
            if (contrast(ink, ground) < 7)
              faults.push(`contrast ${contrast(ink, ground).toFixed(2)}: ${ink} on ${ground}`);
          return faults;
        }
        """;
}
