/**
 * Scopes of our own API: `admin` in the token of a person, the others in that of a tenant's machine. They are worth
 * something only for a client that was registered with them by name.
 */
export const API_SCOPES = [
  'admin',
  'agents:read',
  'agents:write',
  'policy:read',
  'policy:write',
  'audit:read',
] as const;
