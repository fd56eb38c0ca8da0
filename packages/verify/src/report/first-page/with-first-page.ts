import type { VerifiedRun } from '../../verified-run.ts';
import { firstPage } from './first-page.ts';
import { STYLE } from './style.ts';
import type { LinkOf } from './verdict-list.ts';

/** Allure's own first page: the list of all results. */
const ALLURE_HOME = '#/';

/**
 * Allure's page with a first page before it: that is what is seen when the file is opened, and the
 * pages of Allure when a link leads there or the address names one.
 */
export const withFirstPage = (html: string, run: VerifiedRun, linkOf: LinkOf): string =>
  html.replace(
    /<body[^>]*>/,
    (body) => `${body}
<style>${STYLE}${LAYERS}</style>
<main id="first-page">
<nav class="provehouse"><a href="${ALLURE_HOME}">All results, charts and history</a></nav>
${firstPage(run, linkOf)}
</main>
<a id="to-first-page" href="#">First page</a>
<script>${SCRIPT}</script>`,
  );

const LAYERS = `
html.first-page #app { display: none }
html.first-page, html.first-page body { height: auto; overflow: auto }
html:not(.first-page) #first-page, html.first-page #to-first-page { display: none }
#to-first-page { position: fixed; left: 1rem; bottom: .8rem; z-index: 1000; padding: .3rem .8rem; border-radius: .4rem; background: #1d4ed8; color: #fff; font: 14px system-ui, sans-serif; text-decoration: none }
`;

/** Shows the one or the other; Allure changes the address by itself, which means neither. */
const SCRIPT = `
{
  const show = (first) => document.documentElement.classList.toggle('first-page', first);
  const byAddress = () => show(location.hash === '');
  byAddress();
  addEventListener('popstate', byAddress);
  document.addEventListener('click', ({ target }) => {
    if (target.closest('#to-first-page')) show(true);
    else if (target.closest('#first-page a')) show(false);
  });
}
`;
