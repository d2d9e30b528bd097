import type Router from '@koa/router';
import type { BrandPorts } from './brand-routes.ts';
import type { AppState } from './state.ts';

/** What a development server shows besides. Its entry hands it in, so that nothing of it is part of an installation. */
export interface DevelopmentPages {
  readonly routes: () => Router<AppState>;
  /** @returns looks of made-up tenants, and behind them those of `installed` */
  readonly brands: (installed: BrandPorts) => BrandPorts;
}
