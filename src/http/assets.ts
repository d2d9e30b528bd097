import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Middleware } from 'koa';

/** Where `tools/build-assets.ts` puts files, and what it says about them in `manifest.json`. */
export interface AssetManifest {
  /** Digest of everything the files were made from. */
  readonly source: string;
  /** Name in `views/assets` to hashed file name. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Assets {
  /** @returns the address of `style.css` and the like. @throws on a name that was not built */
  href(name: string): string;
  readonly middleware: Middleware;
}

const PREFIX = '/assets/';
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

interface File {
  readonly type: string;
  readonly bodies: Readonly<Record<'br' | 'gzip' | 'identity', Buffer>>;
}

/**
 * Our few static files, read once and served from memory, compressed beforehand. A name holds the digest of its
 * content, so browsers keep a file for a year and never ask again.
 * @param buildDir `views/assets/build`
 * @throws when the files were not built
 */
export function loadAssets(buildDir: string): Assets {
  const { files } = readManifest(buildDir);
  const byPath = new Map<string, File>();
  for (const name of Object.values(files)) {
    const read = (suffix: string) => readFileSync(join(buildDir, `${name}${suffix}`));
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (type === undefined) throw new Error(`no media type for ${name}`);
    byPath.set(`${PREFIX}${name}`, {
      type,
      bodies: { br: read('.br'), gzip: read('.gz'), identity: read('') },
    });
  }
  return {
    href(name) {
      const file = files[name];
      if (file === undefined) throw new Error(`${name} was not built`);
      return `${PREFIX}${file}`;
    },
    middleware: async (ctx, next) => {
      const file = byPath.get(ctx.path);
      if (!file || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
      const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity');
      const chosen = encoding === 'br' || encoding === 'gzip' ? encoding : 'identity';
      if (chosen !== 'identity') ctx.set('Content-Encoding', chosen);
      ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
      ctx.vary('Accept-Encoding');
      ctx.body = file.bodies[chosen];
      ctx.type = file.type;
      return undefined;
    },
  };
}

function readManifest(buildDir: string): AssetManifest {
  try {
    return JSON.parse(readFileSync(join(buildDir, 'manifest.json'), 'utf8')) as AssetManifest;
  } catch (cause) {
    throw new Error('The scripts and styles are not built: run "npm run build".', { cause });
  }
}
