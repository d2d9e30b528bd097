import nunjucks from 'nunjucks';
import { fileURLToPath } from 'node:url';
import { DEMANDS, shortfalls } from './demands.ts';
import type { Notice } from './notices.ts';
import type { SignIn } from './relying-party.ts';
import { levelInWords, momentInWords, signInInWords } from './wording.ts';

export interface Pages {
  home(signIn: SignIn | null, notice: Notice | null): string;
  problem(notice: Notice): string;
  away(): string;
  notFound(): string;
  foreignForm(): string;
}

/** What the page says about a sign-in: the claims, in words beside the raw values. */
function present(signIn: SignIn, now: Date) {
  const { claims, profile, demand, askedAt } = signIn;
  const name = typeof profile.name === 'string' ? profile.name : claims.sub;
  return {
    name,
    sentence: signInInWords(claims, now),
    tenant: claims.tenant_id ?? 'none',
    amr: (claims.amr ?? []).join(' '),
    acr: claims.acr ?? 'none',
    level: levelInWords(claims.acr),
    moment: claims.auth_time === undefined ? null : momentInWords(claims.auth_time),
    asked: demand.label,
    shortfalls: shortfalls(claims, demand, askedAt),
    canRefresh: signIn.refreshToken !== null,
    claims: JSON.stringify(claims, null, 2),
    profile: JSON.stringify(profile, null, 2),
  };
}

export function createPages({ issuer, now }: { issuer: URL; now: () => Date }): Pages {
  const folder = fileURLToPath(new URL('views', import.meta.url));
  const views = new nunjucks.Environment(new nunjucks.FileSystemLoader(folder), {
    autoescape: true,
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  const problem = (notice: Notice) => views.render('problem.njk', { notice });

  return {
    home: (signIn, notice) =>
      views.render('desk.njk', {
        notice,
        demands: DEMANDS,
        issuer: issuer.host,
        person: signIn && present(signIn, now()),
      }),
    problem,
    away: () =>
      problem({
        tone: 'warn',
        title: 'Stile does not answer',
        text: `The desk cannot reach ${issuer.host} right now. Wait a few seconds, go back and try again.`,
      }),
    notFound: () =>
      problem({ tone: 'info', title: 'There is no such page', text: 'The desk has one page only.' }),
    foreignForm: () =>
      problem({
        tone: 'danger',
        title: 'This did not come from the desk',
        text: 'Another page tried to do this for you, so the desk did nothing.',
      }),
  };
}
