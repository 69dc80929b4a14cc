import type { Page } from 'playwright-core';

/** A word that only the other language has; what people typed, names and codes are not looked at. */
const foreign = {
  de: /\b(?:incl|VAT|per|free|the|of|is|are|and|with|not|above|below|your|please|charge|price|malformed|unknown)\b/i,
  en: /\b(?:der|die|das|und|ist|nicht|mit|für|zu|bei|Sie|Ihr|Ihre|Preis|Ladung|Betrag)\b/,
} as const;

/**
 * What on the page shown keeps somebody from using it, one line each; none if all is well. Looked at as it is drawn:
 * - names of what one presses and fills in, references between elements, the order of headings (WCAG 2.2 §1.3.1, §4.1.2)
 * - text against what lies behind it, 4.5 to 1, large text 3 to 1, by the colours that were computed (§1.4.3); the
 *   borders of fields, 3 to 1 (§1.4.11)
 * - nothing beyond the right edge (§1.4.10), nothing to press lower than 44 pixels (§2.5.5; links in a text aside)
 * - no words of another language than the page says it is in (§3.1.1)
 */
export async function faultsOfPage(page: Page): Promise<readonly string[]> {
  const lang = await page.evaluate(() => document.documentElement.lang);
  const pattern = lang === 'en' ? foreign.en : foreign.de;
  return page.evaluate(
    ({ source, flags }) => {
      const foreignWord = new RegExp(source, flags);
      const faults = new Set<string>();
      const elements = [...document.body.querySelectorAll<HTMLElement | SVGElement>('*')];
      const nameOf = (element: Element): string => {
        const classes = element.getAttribute('class');
        const text = (element.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40);
        const field = element.getAttribute('name');
        return `${element.localName}${classes ? `.${classes.trim().replace(/\s+/g, '.')}` : ''}${field ? `[${field}]` : ''} “${text}”`;
      };
      const isDrawn = (element: Element): boolean =>
        element.checkVisibility({ visibilityProperty: true }) && element.closest('.unseen') === null;
      const isForReaders = (element: Element): boolean => element.closest('[aria-hidden=true]') === null;

      // Names, references, headings.
      const ids = elements.map(({ id }) => id).filter(Boolean);
      for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index)))
        faults.add(`two elements have the id ${id}`);
      for (const element of elements)
        for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls'])
          for (const id of (element.getAttribute(attribute) ?? '').split(/\s+/).filter(Boolean))
            if (document.getElementById(id) === null && element.getAttribute('aria-expanded') !== 'false')
              faults.add(`${nameOf(element)}: ${attribute} names ${id}, which is not there`);
      const spoken = (element: Element): string => {
        const by = element.getAttribute('aria-labelledby')?.split(/\s+/) ?? [];
        const labels =
          element instanceof HTMLInputElement || element instanceof HTMLSelectElement ? element.labels : null;
        return [
          element.getAttribute('aria-label') ?? '',
          ...by.map((id) => document.getElementById(id)?.textContent ?? ''),
          ...[...(labels ?? [])].map(({ textContent }) => textContent ?? ''),
          element instanceof HTMLInputElement ? '' : (element.textContent ?? ''),
          element.getAttribute('alt') ?? '',
        ]
          .join(' ')
          .trim();
      };
      const controls = elements.filter(
        (element) =>
          element.matches('a[href], button, input, select, textarea, summary, [role=button]') &&
          isDrawn(element),
      );
      for (const control of controls)
        if (spoken(control) === '') faults.add(`${nameOf(control)} has no name`);
      for (const image of document.querySelectorAll('img:not([alt])'))
        faults.add(`${nameOf(image)} has no alt`);
      for (const drawing of document.querySelectorAll('svg'))
        if (isForReaders(drawing) && drawing.getAttribute('role') !== 'img')
          faults.add(`${nameOf(drawing)} is read out`);
      if (document.documentElement.lang === '') faults.add('the page names no language');
      if (document.querySelectorAll('main').length !== 1) faults.add('not one main part');
      const headings = [...document.querySelectorAll('h1, h2, h3, h4')].filter((heading) =>
        isForReaders(heading),
      );
      const levels = headings.map(({ localName }) => Number(localName.slice(1)));
      if (levels.filter((level) => level === 1).length !== 1) faults.add(`not one h1: ${levels}`);
      for (const [index, level] of levels.entries())
        if (level > (levels[index - 1] ?? 0) + 1)
          faults.add(`${nameOf(headings[index] as Element)} skips a level`);

      // Sizes.
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth > width)
        faults.add(`the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
      for (const control of controls) {
        const target = control.closest('label') ?? control;
        const { right, left } = target.getBoundingClientRect();
        const height = Math.max(
          target.getBoundingClientRect().height,
          control.getBoundingClientRect().height,
        );
        const scrolls = (element: Element | null): boolean =>
          element !== null &&
          (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
        if (right > width + 1 && left < width && !scrolls(control.parentElement))
          faults.add(`${nameOf(control)} ends ${Math.round(right - width)} px beyond the edge`);
        const card = control.closest('.card')?.getBoundingClientRect();
        if (card !== undefined && right > card.right + 1 && !scrolls(control.parentElement))
          faults.add(`${nameOf(control)} ends ${Math.round(right - card.right)} px beyond its card`);
        const isInText = control.localName === 'a' && getComputedStyle(control).display === 'inline';
        const isMap = control.closest('.maplibregl-map') !== null;
        if (height < 43.5 && height > 0 && !isInText && !isMap)
          faults.add(`${nameOf(control)} is ${Math.round(height)} px high`);
      }

      const fields = controls.filter(
        (control) => control.matches('button, input, select') && !control.matches('.segmented *'),
      );
      for (const [index, one] of fields.entries()) {
        const a = one.getBoundingClientRect();
        for (const other of fields.slice(index + 1)) {
          const b = other.getBoundingClientRect();
          const isOver =
            Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
            Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
          if (isOver && one.closest('.in-reach, .canvas') === other.closest('.in-reach, .canvas'))
            faults.add(`${nameOf(one)} and ${nameOf(other)} lie over each other`);
        }
      }

      // Colours.
      type Colour = readonly [red: number, green: number, blue: number, alpha: number];
      const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      const known = new Map<string, Colour>();
      const colourOf = (css: string): Colour => {
        const before = known.get(css);
        if (before !== undefined || pen === null) return before ?? [0, 0, 0, 0];
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = css;
        pen.fillRect(0, 0, 1, 1);
        const [red = 0, green = 0, blue = 0, alpha = 0] = pen.getImageData(0, 0, 1, 1).data;
        const colour: Colour = [red, green, blue, alpha / 255];
        known.set(css, colour);
        return colour;
      };
      const over = (top: Colour, below: Colour): Colour => {
        const mix = (one: number, other: number) => one * top[3] + other * (1 - top[3]);
        return [mix(top[0], below[0]), mix(top[1], below[1]), mix(top[2], below[2]), 1];
      };
      const groundOf = (element: Element | null): Colour => {
        if (element === null) return colourOf('Canvas');
        const own = colourOf(getComputedStyle(element).backgroundColor);
        return own[3] > 0.995 ? own : over(own, groundOf(element.parentElement));
      };
      const luminance = ([red, green, blue]: Colour): number => {
        const [r = 0, g = 0, b = 0] = [red, green, blue].map((value) => {
          const channel = value / 255;
          return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (one: Colour, other: Colour): number => {
        const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
        return (high + 0.05) / (low + 0.05);
      };
      const isOff = (element: Element): boolean =>
        element.closest(':disabled') !== null ||
        element.querySelector('label > :disabled, :scope > :disabled') !== null;
      for (const element of elements) {
        if (!isDrawn(element) || isOff(element) || element.closest('.maplibregl-map') !== null) continue;
        const style = getComputedStyle(element);
        const isField = element.matches('input:not([type=checkbox], [type=radio], [type=range]), select');
        if (isField && style.borderTopWidth !== '0px') {
          const seen = contrast(colourOf(style.borderTopColor), groundOf(element.parentElement));
          if (seen < 3) faults.add(`the border of ${nameOf(element)} has ${seen.toFixed(2)} to 1`);
        }
        const text = [...element.childNodes]
          .filter((node) => node.nodeType === Node.TEXT_NODE)
          .map((node) => node.textContent ?? '')
          .join(' ')
          .trim();
        if (text === '') continue;
        if (
          element.closest('[lang]') === document.documentElement &&
          element.closest('code, pre, [translate=no]') === null
        ) {
          const [word] = foreignWord.exec(text) ?? [];
          if (word !== undefined) faults.add(`“${word}” in ${nameOf(element)}`);
        }
        let opacity = 1;
        for (let at: Element | null = element; at !== null; at = at.parentElement)
          opacity *= Number(getComputedStyle(at).opacity);
        const ground = groundOf(element);
        const [red, green, blue, alpha] = colourOf(style.color);
        const seen = contrast(over([red, green, blue, alpha * opacity], ground), ground);
        const size = Number.parseFloat(style.fontSize);
        const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
        if (seen < (isLarge ? 3 : 4.5)) faults.add(`${nameOf(element)} has ${seen.toFixed(2)} to 1`);
      }
      return [...faults];
    },
    { source: pattern.source, flags: pattern.flags },
  );
}
