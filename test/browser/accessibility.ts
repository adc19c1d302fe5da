/** What is judged of every page: faults that keep people out, what spills over, and targets that are too small. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

export const themes = ['light', 'dark', 'midnight', 'aurora'] as const;

/**
 * The serious and critical faults that axe finds now, in every theme. The page must have been opened with `bypassCSP`, as
 * axe comes into it as a script, and with less motion, or a colour is judged on its way to another.
 */
export async function faultsInThemes(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const own = await page.evaluate<string>('document.documentElement.dataset.theme');
  const faults: string[] = [];
  for (const theme of themes) {
    await page.evaluate(`document.documentElement.dataset.theme = '${theme}'`);
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
    for (const { impact, id, nodes } of violations) {
      if (impact === 'serious' || impact === 'critical') faults.push(`${theme}: ${id}: ${nodes[0]?.html}`);
    }
  }
  await page.evaluate(`document.documentElement.dataset.theme = ${JSON.stringify(own)}`);
  return faults;
}

/** What reaches over the edge of the page, so that it would have to be scrolled sideways. */
export function spills(page: Page): Promise<string[]> {
  return page.evaluate(
    `(() => {
       const { scrollWidth, clientWidth } = document.documentElement;
       return scrollWidth <= clientWidth ? [] : ['the page is ' + scrollWidth + ' px wide'];
     })()`,
  );
}

/**
 * Targets that are smaller than 24 by 24 px and nearer than that to another (WCAG 2.2, 2.5.8). Links in a text are left
 * out, and what the browser itself draws, as the rule does.
 */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(
    `(() => {
       const targets = [...document.querySelectorAll('button, a[href], summary, select, input:not([hidden]), textarea, [role=tab], [role=option]')]
         .filter((it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !it.disabled)
         .filter((it) => !it.closest('.markdown p, .markdown li') && it.type !== 'checkbox')
         .map((it) => ({ it, box: it.getBoundingClientRect() }))
         .filter(({ box }) => box.width > 1 && box.right > 0 && box.left < innerWidth);
       const middle = ({ box }) => [box.left + box.width / 2, box.top + box.height / 2];
       const small = targets.filter(({ box }) => box.width < 24 || box.height < 24);
       return small
         .filter((one) => targets.some((other) => {
           if (other === one || other.it.contains(one.it) || one.it.contains(other.it)) return false;
           const [x, y] = middle(one);
           const dx = Math.max(other.box.left - x, 0, x - other.box.right);
           const dy = Math.max(other.box.top - y, 0, y - other.box.bottom);
           return Math.hypot(dx, dy) < 12;
         }))
         .map(({ it, box }) => Math.round(box.width) + ' x ' + Math.round(box.height) + ': ' + it.outerHTML.slice(0, 120));
     })()`,
  );
}
