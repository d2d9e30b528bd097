import Router from '@koa/router';
import type { Context } from 'koa';
import { DomainError } from '../core/errors.ts';
import type { LogoType } from '../tenants/branding.ts';
import type { Logos } from '../tenants/logos.ts';
import { type House, stylesheetOf } from './brand.ts';
import type { AppState } from './state.ts';

export interface BrandPorts {
  readonly tenants: { find(tenantId: string): Promise<House | null> };
  readonly logos: Pick<Logos, 'find'>;
}

/** A file that is opened by itself runs nothing, loads nothing and is nobody's origin. */
const ALONE = "default-src 'none'; sandbox";
/** A name holds the digest of its content: one year, never asked again. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

const TYPE_OF: Readonly<Record<string, LogoType>> = { svg: 'image/svg+xml', png: 'image/png' };

function send(ctx: Context, type: string, body: string | Buffer): void {
  ctx.set('Content-Security-Policy', ALONE);
  ctx.set('Cache-Control', FOR_GOOD);
  ctx.body = body;
  ctx.type = type;
}

/** What tenants put on their pages: their logo and their colours. Nothing else of a tenant can be read here. */
export function brandRoutes({ tenants, logos }: BrandPorts): Router<AppState> {
  const router = new Router<AppState>({ prefix: '/brand' });

  router.get('/:tenant/:file', async (ctx) => {
    const { tenant: tenantId = '', file = '' } = ctx.params;
    const [, name = '', ending = ''] = /^([\w-]{22}|[\w-]{43})\.(css|svg|png)$/.exec(file) ?? [];
    if (ending === 'css') {
      const accent = (await tenants.find(tenantId))?.branding.accent ?? null;
      const stylesheet = accent === null ? null : stylesheetOf(accent);
      if (stylesheet?.name === name) return send(ctx, 'text/css; charset=utf-8', stylesheet.css);
    } else if (name !== '') {
      const logo = await logos.find(tenantId, name);
      if (logo && logo.type === TYPE_OF[ending]) return send(ctx, logo.type, logo.bytes);
    }
    throw new DomainError('not_found');
  });

  return router;
}
