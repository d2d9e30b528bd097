import { galleryStates } from '../gallery/gallery.ts';
import { houseOf } from '../gallery/state.ts';
import type { Renderer } from '../../src/http/render.ts';
import { testRenderer } from '../support/pages.ts';

export interface RenderedState {
  readonly id: string;
  /** Its file under `views/`. */
  readonly view: string;
  readonly html: string;
}

/** Every state of the gallery as the server would send it. */
export async function renderGallery(renderer?: Renderer): Promise<RenderedState[]> {
  const used = renderer ?? (await testRenderer());
  return galleryStates.map((one) => {
    const { id, view, data } = one;
    const house = houseOf(one);
    const tenant = house ? { tenant: house } : {};
    const state = { nonce: 'gallery', reference: 'k7m2x9qd', csrfBinding: 'gallery', ...tenant };
    return { id, view, html: used.render(view, state, data) };
  });
}
