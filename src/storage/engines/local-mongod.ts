export const localMongod = { way: '', start: async () => ({ reason: 'x' }) };
