export const memoryServer = { way: '', start: async () => ({ reason: 'x' }) };
