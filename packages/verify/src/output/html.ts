import { escapeHtml } from '../report/escape-html.ts';
import { firstPage } from '../report/first-page/first-page.ts';
import { STYLE } from '../report/first-page/style.ts';
import type { VerifiedRun } from '../verified-run.ts';

/** Verdicts as one page that needs no other file and no script; each verdict unfolds its findings. */
export const htmlOf = (run: VerifiedRun): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(run.deployment)}: ${run.status}</title>
<style>@media (prefers-color-scheme: dark) { body { background: #14171a } }${STYLE}</style>
</head>
<body>
${firstPage(run)}
</body>
</html>
`;
