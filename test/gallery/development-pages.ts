import type { DevelopmentPages } from '../../src/http/development-pages.ts';
import { withGalleryBrand } from './brand-states.ts';
import { galleryRoutes } from './gallery-routes.ts';

/** The gallery, as `npm start` and the tests hand it to the app. */
export const developmentPages: DevelopmentPages = { routes: galleryRoutes, brands: withGalleryBrand };
