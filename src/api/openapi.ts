import { z } from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import type { Documented, Endpoint } from './endpoint.ts';
import { MAX_ONCE, MEDIA_TYPES } from './request-parts.ts';
import { problem } from './schemas.ts';

export const API_ROOT = '/api/v1';
export const API_BASE = `${API_ROOT}/tenants/:slug`;

/** @returns where an endpoint is, as the router writes it */
export const addressOf = ({ path, acrossTenants }: Pick<Endpoint, 'path' | 'acrossTenants'>): string =>
  `${acrossTenants ? API_ROOT : API_BASE}${path}`;

const refusal = (description: string): Documented => ({ description, schema: problem });

/** What any endpoint may answer besides its own. */
const COMMON: Readonly<Record<number, Documented>> = {
  400: refusal('`bad_request`: the request is not of the documented shape'),
  401: refusal('`unauthorized`, `invalid_token`, or `insufficient_user_authentication` (RFC 9470)'),
  403: refusal('`insufficient_scope`, or `forbidden`: the role is not enough for this, or for this person'),
  404: refusal('`not_found`; also for what is of another tenant'),
  413: refusal('`body_too_large`'),
  429: refusal(
    '`too_many_attempts`: 100 changes of one person within an hour; `Retry-After` says when to go on',
  ),
  503: refusal('`busy` or `unavailable`: try again after `Retry-After` seconds'),
};

/** `:name` of the router is `{name}` of the document. */
export const documentedPath = (one: Pick<Endpoint, 'path' | 'acrossTenants'>) =>
  addressOf(one).replace(/:(\w+)/g, '{$1}');

/** The headers that an endpoint looks at, besides those of every request. */
function headersOf({ idempotent, versioned }: Endpoint) {
  return z.object({
    ...(idempotent ? { 'idempotency-key': z.string().max(MAX_ONCE).optional() } : {}),
    ...(versioned
      ? { 'if-match': z.string().optional().meta({ description: 'The ETag that was read' }) }
      : {}),
  });
}

function operationOf(one: Endpoint) {
  const { method, path, summary, idempotent, versioned, formats = [], query, body, answers } = one;
  const named = [...addressOf(one).matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const responses = Object.entries({ ...COMMON, ...answers }).map(([status, { description, schema }]) => {
    if (!schema) return [status, { description }] as const;
    if (Number(status) >= 400)
      return [status, { description, content: { 'application/problem+json': { schema } } }] as const;
    const files = formats.map((format) => [MEDIA_TYPES[format], { schema: z.string() }] as const);
    return [
      status,
      { description, content: { [MEDIA_TYPES.json]: { schema }, ...Object.fromEntries(files) } },
    ] as const;
  });
  return {
    summary,
    operationId: `${method} ${path || '/tenant'}`.replace(/[^a-z]+/g, '-'),
    requestParams: {
      path: z.object(Object.fromEntries(named.map((name) => [name, z.string()]))),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(idempotent || versioned ? { header: headersOf(one) } : {}),
    },
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: Object.fromEntries(responses),
  };
}

/** The API in OpenAPI 3.1, made from the schemas that check what comes in. */
export function apiDocument(endpoints: readonly Endpoint[], issuer: URL) {
  const paths: ZodOpenApiPathsObject = {};
  for (const one of endpoints) {
    const path = documentedPath(one);
    paths[path] = { ...paths[path], [one.method]: operationOf(one) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Stile admin API',
      version: '1',
      description:
        'For people in charge (scope `admin`, two factors) and for machines of a tenant (client credentials).',
    },
    servers: [{ url: issuer.origin }],
    security: [{ bearer: [] }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  });
}
