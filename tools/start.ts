// Entry of `npm start`, and of the image for development: Stile with the gallery, which an installation does not have.
import { start } from '../src/start.ts';

await start({
  developmentPages: async () => (await import('../test/gallery/development-pages.ts')).developmentPages,
});
