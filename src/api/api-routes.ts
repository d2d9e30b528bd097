import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { z } from 'zod';
import { DomainError } from '../core/errors.ts';
import { sendDownload } from '../http/download.ts';
import { json } from '../http/json.ts';
import type { AppState } from '../http/state.ts';
import type { createDoorman } from './caller.ts';
import type { Answer, Endpoint } from './endpoint.ts';
import { addressOf, apiDocument } from './openapi.ts';
import { ApiProblem } from './problems.ts';
import { formatOf, onceOf, versionOf } from './request-parts.ts';

export interface ApiPorts {
  readonly endpoints: readonly Endpoint[];
  readonly admitCaller: ReturnType<typeof createDoorman>;
  readonly issuer: URL;
}

/** A filter that was misspelt must not be answered with everybody: what is not known is refused (rule strict-input). */
const NO_QUERY = z.strictObject({});

/** @throws DomainError bad_request, which names the place and never repeats the value */
function read(schema: z.ZodType | undefined, input: unknown): unknown {
  const result = schema?.safeParse(input);
  if (!result) return undefined;
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0] ?? { path: [], message: 'not understood' };
  throw new DomainError('bad_request', { detail: `${path.map(String).join('.') || 'input'}: ${message}` });
}

const answerProblems: Middleware<AppState> = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    const { status, code, members, challenge } = error;
    ctx.status = status;
    if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge);
    ctx.body = { type: 'about:blank', status, code, reference: ctx.state.reference, ...members };
    ctx.type = 'application/problem+json';
  }
};

async function send(
  ctx: Context & { state: AppState },
  { status, version, body, file }: Answer,
): Promise<void> {
  ctx.status = status;
  if (version !== undefined) ctx.set('ETag', `"${version}"`);
  if (file) return sendDownload(ctx, file);
  if (body !== undefined) ctx.body = body;
}

/** `/api/v1`: every endpoint of the list, and the document that is made of it. */
export function apiRoutes({ endpoints, admitCaller, issuer }: ApiPorts) {
  const router = new Router<AppState>();
  const document = JSON.stringify(apiDocument(endpoints, issuer));

  router.get('/api/v1/openapi.json', (ctx) => {
    ctx.type = 'application/json';
    ctx.body = document;
  });

  for (const one of endpoints) {
    const { method, acrossTenants, action, also, query, body, run } = one;
    router.register(addressOf(one), [method], [
      answerProblems,
      async (ctx: Context & { state: AppState; params: Record<string, string> }) => {
        ctx.set('Cache-Control', 'no-store');
        const changes = method !== 'get' && !action.startsWith('see-');
        const caller = await admitCaller(ctx.get('authorization'), {
          slug: acrossTenants ? null : (ctx.params.slug ?? ''),
          agentId: ctx.params.agent ?? null,
          action,
          changes,
        });
        if (body) await json(ctx, () => Promise.resolve());
        const input = read(body, ctx.state.json);
        const asked = read(query ?? NO_QUERY, { ...ctx.query });
        const format = formatOf(one, asked, (...types) => ctx.accepts(...types));
        for (const more of also?.(input, format) ?? []) caller.demand(more);
        const call = {
          tenantId: caller.tenantId,
          query: asked,
          body: input,
          format,
          version: versionOf(ctx.get('if-match')),
          once: onceOf(one, ctx.get('idempotency-key')),
          params: ctx.params,
          occasion: { editor: caller.editor, reference: ctx.state.reference, source: ctx.state.source },
          mayGive: caller.mayGive,
          refusal: caller.refusal,
          countChange: caller.countChange,
        };
        await send(ctx, await run(call, caller.agent));
      },
    ] as never);
  }
  return router;
}
